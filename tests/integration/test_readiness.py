"""An idle worker notices what it depends on."""

from pathlib import Path

from streams.app import LOOK_INTERVAL_S
from streams.embedded import LOOPBACK, ServerAddresses, free_ports
from tests.proxy import proxy_to
from tests.stream import http_status, open_stream, worker_process

UNAVAILABLE = b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
WAIT_S = 4 * LOOK_INTERVAL_S


async def test_idle_worker_is_not_ready_without_its_store(
    servers: ServerAddresses, tmp_path: Path
) -> None:
    """`/readyz` follows the store, though no document needs it."""
    with proxy_to(servers.s3_endpoint) as proxy:
        (port,) = free_ports(1)
        stream = await open_stream(servers, s3_endpoint=f"http://{LOOPBACK}:{proxy.port}")
        with worker_process(stream, tmp_path, program=("tests.quick_worker",), port=port) as worker:
            proxy.answer = UNAVAILABLE
            proxy.reset()
            worker.wait_until(lambda: http_status(port, "/readyz") == 503, WAIT_S)
            assert http_status(port, "/livez") == 200
            proxy.answer = None
            proxy.reset()
            worker.wait_until(lambda: http_status(port, "/readyz") == 200, WAIT_S)
