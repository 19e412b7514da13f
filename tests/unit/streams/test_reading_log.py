"""What workers agree upon, in every order in which their messages can come."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from schemas.codecs import encode
from schemas.readings import ReadingChange, ReadingsChanged, RecordPlace, parse_readings
from streams.errors import BrokerAway
from streams.reading_log import ReadingLog
from tests.fakes.readings import MemoryTopics

IDS = st.sampled_from(["a", "b"])
WORKER_COUNT = 3


def change(reading_id: str, token: str, was: str | None = None, **more: object) -> bytes:
    """A message with one step."""
    fields = {"reading_id": reading_id, "token": token, "was": was, **more}
    return encode(ReadingsChanged(changes=(ReadingChange.model_validate(fields),)))


async def test_first_of_two_claims_wins_everywhere() -> None:
    """The order on the topic decides, and every worker comes to the same answer."""
    topics = MemoryTopics()
    logs = [topics.log() for _ in range(5)]
    sending = [asyncio.create_task(log.keep_sending()) for log in logs]
    tokens = await asyncio.gather(*(log.claim("r", None, f"t/{n}") for n, log in enumerate(logs)))
    (winner,) = (token for token in tokens if token)
    states = [log.state("r") for log in logs]
    assert all(state and state.token == winner for state in states)
    for task in sending:
        task.cancel()


async def test_claim_of_who_is_alone_holds_at_once_and_is_told() -> None:
    """A worker that has all events waits for nobody; who joins later knows of its claims."""
    topics = MemoryTopics()
    log, other = topics.log(), topics.log()
    log.is_alone = True
    token = await log.claim("r", None, "t/1")
    assert token
    assert await log.claim("r", None, "t/2") is None
    sending = asyncio.create_task(log.keep_sending())
    await log.flush()
    for state in (log.state("r"), other.state("r")):
        assert state
        assert state.token == token
    log.note_result("r", token, RecordPlace(partition=0, offset=1))
    await log.flush()
    sending.cancel()


async def test_short_reading_of_who_is_alone_is_told_in_one_step() -> None:
    """A claim that came to its end before it was told need not be told."""
    topics = MemoryTopics()
    log, other = topics.log(), topics.log()
    log.is_alone = True
    sending = asyncio.create_task(log.keep_sending())
    place = RecordPlace(partition=0, offset=1)
    for reading_id in ("known", "released"):
        token = await log.claim(reading_id, None, "t/1")
        assert token
        if reading_id == "known":
            log.note_result(reading_id, token, place)
        else:
            log.release(reading_id, token)
    await log.flush()
    ((message, _),) = topics._messages
    assert len(parse_readings(message)) == 2
    for each in (log, other):
        state = each.state("known")
        assert state
        assert state.result == place
        assert each.state("released") is None
    sending.cancel()


async def test_claims_of_one_moment_share_a_message() -> None:
    """Many documents cost one message."""
    topics = MemoryTopics()
    log = topics.log()
    sending = asyncio.create_task(log.keep_sending())
    await asyncio.gather(*(log.claim(f"r{n}", None, "t/1") for n in range(50)))
    assert len(topics._messages) == 1
    sending.cancel()


async def test_released_claim_is_free_although_it_was_renewed() -> None:
    """A renewal keeps the token, so that a release that crosses it holds."""
    topics = MemoryTopics()
    log = topics.log()
    sending = asyncio.create_task(log.keep_sending())
    token = await log.claim("r", None, "t/1")
    assert token
    log.renew("r", token, "t/1")
    log.release("r", token)
    await log.flush()
    assert log.state("r") is None
    sending.cancel()


async def test_cancelled_claim_is_released_though_it_comes_later() -> None:
    """A document that is handed back leaves no claim behind on which others would wait."""
    topics = MemoryTopics()
    log = topics.log()
    claiming = asyncio.create_task(log.claim("r", None, "t/1"))
    await asyncio.sleep(0)
    (change_,) = log._waiting.values()
    log._waiting.clear()  # it is on its way
    claiming.cancel()
    await asyncio.gather(claiming, return_exceptions=True)
    log.apply(encode(ReadingsChanged(changes=(change_,))), 0.0)
    assert log.state("r")
    sending = asyncio.create_task(log.keep_sending())
    await log.flush()
    assert log.state("r") is None
    sending.cancel()


async def test_after_a_claim_that_did_not_come_back_nobody_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One document finds out that the topic is silent; the next ones are read at once."""
    monkeypatch.setattr("streams.reading_log.CLAIM_TIMEOUT_S", 0.05)
    log = ReadingLog(_nowhere, 10)
    for reading_id in ("r1", "r2"):
        with pytest.raises(BrokerAway):
            await log.claim(reading_id, None, "t/1")
        monkeypatch.setattr("streams.reading_log.CLAIM_TIMEOUT_S", 60.0)


async def test_result_is_told_when_the_broker_is_back_and_a_claim_is_not() -> None:
    """Whoever claimed gave up meanwhile; a result is good at any time."""
    topics = MemoryTopics(away_count=1)
    log = topics.log()
    claiming = asyncio.create_task(log.claim("claimed", None, "t/1"))
    await asyncio.sleep(0)
    log.note_result("known", "", RecordPlace(partition=0, offset=7))
    sending = asyncio.create_task(log.keep_sending())
    await asyncio.wait_for(log.flush(), 5)
    known = log.state("known")
    assert known
    assert known.result == RecordPlace(partition=0, offset=7)
    assert log.state("claimed") is None
    claiming.cancel()
    sending.cancel()


async def test_oldest_are_forgotten() -> None:
    """What a worker knows is bounded; what was touched last stays."""
    log = ReadingLog(_nowhere, entries_max=2)
    for number, name in enumerate("abac"):
        log.apply(change(name, f"t{number}", result=(0, number)), 0.0)
    assert [name for name in "abc" if log.state(name)] == ["a", "c"]


async def test_strange_messages_are_passed_over() -> None:
    """Another version of ocrstream may say what this one does not understand."""
    log = ReadingLog(_nowhere, entries_max=2)
    for value in (None, b"", b"{", b'{"type":"readings.changed","version":2,"changes":[]}'):
        assert parse_readings(value) == ()
        log.apply(value, 0.0)


async def test_waiting_ends_with_the_change_of_this_reading_and_no_other() -> None:
    """Somebody else's result wakes nobody."""
    log = ReadingLog(_nowhere, entries_max=10)
    waiting = asyncio.create_task(log.changed("r", timeout_s=60))
    await asyncio.sleep(0)
    log.apply(change("other", "t1", claimed_by="t/1"), 0.0)
    await asyncio.sleep(0.01)
    assert not waiting.done()
    log.apply(change("r", "t2", claimed_by="t/2"), 0.0)
    with suppress(TimeoutError):
        await asyncio.wait_for(waiting, 5)
    assert waiting.done()
    assert not log._watched


async def _nowhere(_: bytes) -> None:
    """Send nothing."""


@dataclass(frozen=True)
class Claim:
    """What a worker holds, if the topic said so."""

    reading_id: str
    token: str


class Agreement(RuleBasedStateMachine):
    """Workers that claim, give up, find and die, each following the topic at a pace of its own.

    The model is the topic: a list of steps. A worker decides upon what it has seen so far, which
    may be old, and writes at the end.
    """

    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.topic: list[bytes] = []
        self.logs = [ReadingLog(_nowhere, 1000) for _ in range(WORKER_COUNT)]
        self.seen = [0] * WORKER_COUNT
        self.count = 0

    @rule(worker=st.integers(0, WORKER_COUNT - 1), steps=st.integers(1, 4))
    def follow(self, worker: int, steps: int) -> None:
        """A worker reads on."""
        self.loop.run_until_complete(self._follow(worker, steps))

    async def _follow(self, worker: int, steps: int) -> None:
        for value in self.topic[self.seen[worker] : self.seen[worker] + steps]:
            self.logs[worker].apply(value, 0.0)
            self.seen[worker] += 1

    @rule(target=claims, worker=st.integers(0, WORKER_COUNT - 1), reading_id=IDS)
    def claim(self, worker: int, reading_id: str) -> Claim:
        """A worker claims what it takes for free, or for somebody dead's."""
        state = self.logs[worker].state(reading_id)
        token = self._token()
        was = state.token if state else None
        self.topic.append(change(reading_id, token, was, claimed_by="t/1"))
        return Claim(reading_id, token)

    @rule(claim=claims)
    def renew(self, claim: Claim) -> None:
        """A claim is kept alive, by whoever thinks that it holds."""
        self.topic.append(change(claim.reading_id, claim.token, claim.token, claimed_by="t/1"))

    @rule(claim=claims)
    def release(self, claim: Claim) -> None:
        """A claim is given up."""
        self.topic.append(change(claim.reading_id, self._token(), claim.token))

    @rule(reading_id=IDS)
    def find(self, reading_id: str) -> None:
        """A result is there."""
        result = (0, len(self.topic))
        self.topic.append(change(reading_id, self._token(), result=result))

    @rule(worker=st.integers(0, WORKER_COUNT - 1))
    def restart(self, worker: int) -> None:
        """A worker dies; the next one begins at the beginning."""
        self.logs[worker], self.seen[worker] = ReadingLog(_nowhere, 1000), 0

    @invariant()
    def who_has_seen_the_same_knows_the_same(self) -> None:
        """The state depends on the topic and on nothing else."""
        for first in range(WORKER_COUNT):
            for second in range(first):
                if self.seen[first] == self.seen[second]:
                    assert self._known(first) == self._known(second)

    @invariant()
    def claim_never_follows_a_state_that_it_did_not_see(self) -> None:
        """Of all claims that name the same state, one at most is in force in the end."""
        holder: dict[str, str | None] = {}
        for value in self.topic:
            (step,) = parse_readings(value)
            if step.result or step.was == holder.get(step.reading_id):
                is_free = not step.result and not step.claimed_by
                holder[step.reading_id] = None if is_free else step.token
        for worker in range(WORKER_COUNT):
            if self.seen[worker] == len(self.topic):
                tokens = {name: state.token for name, state in self.logs[worker]._readings.items()}
                assert tokens == {name: token for name, token in holder.items() if token}

    def teardown(self) -> None:
        """Everybody comes to the end of the topic."""
        for worker in range(WORKER_COUNT):
            self.follow(worker, len(self.topic))
        self.who_has_seen_the_same_knows_the_same()
        self.claim_never_follows_a_state_that_it_did_not_see()
        self.loop.close()

    def _known(self, worker: int) -> dict[str, tuple[str, RecordPlace | None]]:
        readings = self.logs[worker]._readings
        return {name: (state.token, state.result) for name, state in readings.items()}

    def _token(self) -> str:
        self.count += 1
        return f"w-{self.count}"


Agreement.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAgreement = Agreement.TestCase
