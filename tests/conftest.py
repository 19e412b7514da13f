"""Which servers the tests run against: the embedded pair, or Apache Kafka and MinIO."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from importlib.util import find_spec

import pytest

from processors.engines.choose import installed_engines
from streams.embedded import ServerAddresses, embedded_servers
from tests.servers.external import real_servers

DEFAULT_ENGINES = installed_engines()
"""In the development environment all but Paddle, which has its own, as it needs another OpenCV."""

PADDLE_MODELS = {
    "OCRSTREAM_DETECTION_MODEL": "PP-OCRv4_mobile_det",
    "OCRSTREAM_RECOGNITION_MODEL": "PP-OCRv4_mobile_rec",
}
"""The models that an installed package ships in Paddle's own format."""

HAS_PADDLEOCR = find_spec("paddleocr") is not None
collect_ignore = [] if HAS_PADDLEOCR else ["parity"]


def pytest_report_header() -> list[str]:
    """Say where parity is tested when it is not tested here."""
    return [] if HAS_PADDLEOCR else ["parity with PaddleOCR: only in `make test-engines`"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--engine` and `--servers`."""
    parser.addoption(
        "--engine",
        action="append",
        default=None,
        help="run the suites of the engines on this one; may be repeated; default: "
        + ", ".join(DEFAULT_ENGINES),
    )
    parser.addoption(
        "--servers",
        choices=("embedded", "real"),
        default="embedded",
        help="run on the embedded broker and store, or on Apache Kafka and MinIO",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register our markers, and let the workers of this run use the engine it is about."""
    engines = config.getoption("--engine") or list(DEFAULT_ENGINES)
    config.option.engine = engines
    if len(engines) == 1:
        os.environ["OCRSTREAM_ENGINE"] = engines[0]
    if engines == ["paddle"]:
        os.environ |= PADDLE_MODELS
    config.addinivalue_line("markers", "real_servers: collected with --servers=real only")
    config.addinivalue_line("markers", "any_servers: not repeated with --servers=real")
    config.addinivalue_line("markers", "takes_minutes: for `make chaos`, not for `make test-real`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, and so count, what is for the other kind of servers."""
    is_real = config.getoption("--servers") == "real"
    others = "any_servers" if is_real else "real_servers"
    deselected = [item for item in items if item.get_closest_marker(others)]
    if deselected:
        config.hook.pytest_deselected(items=deselected)
        items[:] = [item for item in items if item not in deselected]


@pytest.fixture(scope="session")
def servers(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerAddresses]:
    """One broker and one store for the whole run, chosen by `--servers`.

    Output is not captured while they start: a first installation takes minutes, and says so.
    """
    folder = tmp_path_factory.mktemp("servers")
    run = real_servers if pytestconfig.getoption("--servers") == "real" else embedded_servers
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    with ExitStack() as stack:
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            addresses = stack.enter_context(run(folder))
        yield addresses
