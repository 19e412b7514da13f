"""A hub of models on loopback; asked for an absolute address, it answers as a proxy does."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class FakeHub:
    """A hub that runs.

    Attributes:
        address: Of the folder with its files.
        asked: What it was asked for, as the requests had it.
    """

    address: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def serve_hub(files: Mapping[str, bytes]) -> Iterator[FakeHub]:
    """Serve files by their names; an empty one is cut off."""
    hub = FakeHub("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.asked.append(self.path)
            content = files.get(urlsplit(self.path).path.removeprefix("/hub/"))
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content) or 1000))
            self.end_headers()
            self.wfile.write(content or b"only the beginning")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.address = f"http://127.0.0.1:{server.server_port}/hub"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
