"""The keys, region and endpoint of Amazon's own files, which come after those of the environment."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from convcli.errors import FileError
from convcli.places.profiles import settings_of_profile

VARIABLES = (
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"),
    *("AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_SKIP_SIGNATURE"),
)


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    (tmp_path / "config").write_text(
        "[default]\nregion = eu-west-1\n[profile work]\nregion = eu-central-1\nendpoint_url = http://minio:9000\n"
        "[profile sso]\nsso_session = me\n"
    )
    (tmp_path / "credentials").write_text(
        "[default]\naws_access_key_id = A\naws_secret_access_key = %B\n"
        "[work]\naws_access_key_id = C\naws_secret_access_key = D\naws_session_token = E\n"
    )
    return tmp_path


def test_the_default_profile_is_taken() -> None:
    assert settings_of_profile() == {"region": "eu-west-1", "access_key_id": "A", "secret_access_key": "%B"}


def test_another_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "work")
    assert settings_of_profile() == {
        "region": "eu-central-1",
        "endpoint": "http://minio:9000",
        "access_key_id": "C",
        "secret_access_key": "D",
        "session_token": "E",
    }
    monkeypatch.setenv("AWS_PROFILE", "none")
    with pytest.raises(FileError, match="AWS has no profile none"):
        settings_of_profile()


def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "work")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.setenv(name, "X")
    assert settings_of_profile() == {}


def test_no_files_are_no_settings(files: Path) -> None:
    (files / "config").unlink()
    (files / "credentials").write_bytes(b"\xff damaged")
    assert settings_of_profile() == {}


def test_keys_that_are_asked_for_elsewhere_need_a_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "sso")
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(FileError, match="gets its keys by sso_session") as caught:
        settings_of_profile()
    assert caught.value.hint == "pip install boto3"


def test_a_profile_that_runs_a_command_gets_its_keys_by_boto3(files: Path) -> None:
    pytest.importorskip("boto3")
    pytest.importorskip("obstore")
    keys = files / "keys.json"
    keys.write_text('{"Version": 1, "AccessKeyId": "F", "SecretAccessKey": "G"}')
    (files / "config").write_text(f"[profile command]\ncredential_process = cat {keys}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_PROFILE", "command")
        provider = settings_of_profile()["credential_provider"]
    assert provider()["access_key_id"] == "F"
