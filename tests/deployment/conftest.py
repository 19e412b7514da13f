"""Fixtures of the deployment tests."""

from pathlib import Path

import pytest

from tests.servers.helm import install_helm


@pytest.fixture(scope="session")
def helm() -> Path:
    """The pinned helm, built on first use."""
    return install_helm()
