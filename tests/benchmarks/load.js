// Clients that upload all the time: straight to the store, or through the gateway. See load.py.
//
// Every upload has its own content: a counter stands in it, behind `%PDF- `. Who is asked to come
// again later waits as long as it was told.

import exec from "k6/execution";
import http from "k6/http";
import { sleep } from "k6";
import { SharedArray } from "k6/data";
import { Counter, Trend } from "k6/metrics";

const STATUSES = JSON.parse(__ENV.STATUSES);
const COUNTER_AT = 6;
const LATER = [429, 503];

const urls = __ENV.URLS
  ? new SharedArray("urls", () => open(__ENV.URLS).trim().split("\n"))
  : null;
const headers = __ENV.KEY ? { "X-API-Key": __ENV.KEY } : {};
const picture = open(__ENV.PICTURE, "b");
const bytes = new Uint8Array(picture);

const answered = Object.fromEntries(STATUSES.map((status) => [status, new Counter(`status_${status}`)]));
const another = new Counter("status_other");
const untold = new Counter("refused_without_retry_after");
const accepted = new Trend("accepted_ms", true);
http.setResponseCallback(null); // what is an error, load.py decides

export const options = {
  scenarios: {
    clients: {
      executor: "constant-vus",
      vus: Number(__ENV.CLIENTS),
      duration: `${__ENV.SECONDS}s`,
      gracefulStop: "60s",
    },
  },
  discardResponseBodies: true,
  summaryTrendStats: ["count", "p(50)", "p(95)", "p(99)", "max"],
};

function upload(number) {
  if (urls === null) {
    return http.post(__ENV.URL, picture, { timeout: "60s", headers });
  }
  return http.put(urls[number % urls.length], picture, { timeout: "60s" });
}

export default function () {
  const number = exec.scenario.iterationInTest;
  const counter = `${__ENV.NAME}-${number}`.padEnd(24);
  for (let i = 0; i < counter.length; i++) {
    bytes[COUNTER_AT + i] = counter.charCodeAt(i);
  }
  const answer = upload(number);
  (answered[answer.status] || another).add(1);
  if (answer.status >= 200 && answer.status < 300) {
    accepted.add(answer.timings.duration);
  } else if (LATER.includes(answer.status)) {
    const wait = Number(answer.headers["Retry-After"]);
    if (wait > 0) {
      sleep(wait);
    } else {
      untold.add(1);
      sleep(1);
    }
  }
}

export function handleSummary(data) {
  return { [__ENV.SUMMARY]: JSON.stringify(data) };
}
