"""A bucket on this machine, new for every test, to which the environment leads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from convcli.places import buckets, retrying
from tests.support.servers import S3, needs_moto


@pytest.fixture(scope="session")
def server() -> Iterator[S3]:
    needs_moto()
    server = S3()
    yield server
    server.close()


@pytest.fixture
def s3(server: S3, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> S3:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "hidden-key",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": server.url,
        "AWS_CONFIG_FILE": str(tmp_path / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "no-credentials"),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setattr(retrying, "PAUSES", (0.01, 0.02, 0.03))
    buckets._store.cache_clear()
    server.clear()
    return server
