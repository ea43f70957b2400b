"""The settings of AWS in the user's files, which the library of buckets does not read: keys, region and endpoint.

Variables of the environment, which it reads by itself, come first, as in Amazon's own tools.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from configparser import ConfigParser, Error
from pathlib import Path
from typing import Any

from convcli.errors import FileError

_KEYS = {
    "aws_access_key_id": "access_key_id",
    "aws_secret_access_key": "secret_access_key",
    "aws_session_token": "session_token",
}
# Settings of a profile that ask for keys elsewhere.
_ASKING = ("sso_session", "sso_start_url", "role_arn", "credential_process", "login_session")


def settings_of_profile() -> dict[str, Any]:
    """Return the settings of the user's profile that the environment leaves open, as arguments of a store.

    Raises FileError for a profile that does not exist, or whose keys are asked for elsewhere without the library that
    asks.
    """
    name = os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE")
    values = _profile(name or "default")
    if values is None:
        if name:
            raise FileError(f"AWS has no profile {name}", "check AWS_PROFILE, and the file ~/.aws/config")
        return {}
    found: dict[str, Any] = {}
    if "region" in values and not _is_set("AWS_REGION", "AWS_DEFAULT_REGION"):
        found["region"] = values["region"]
    if "endpoint_url" in values and not _is_set("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT"):
        found["endpoint"] = values["endpoint_url"]
    if _is_set("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_SKIP_SIGNATURE"):
        return found
    if "aws_access_key_id" in values:
        return found | {ours: values[theirs] for theirs, ours in _KEYS.items() if theirs in values}
    asking = next((each for each in _ASKING if each in values), None)
    return found | ({"credential_provider": _provider(name or "default", asking)} if asking else {})


def _is_set(*names: str) -> bool:
    return any(os.environ.get(name) for name in names)


def _profile(name: str) -> Mapping[str, str] | None:
    """Return the settings of a profile in both files; None where neither has it."""
    sections = (
        (os.environ.get("AWS_CONFIG_FILE", "~/.aws/config"), name if name == "default" else f"profile {name}"),
        (os.environ.get("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"), name),
    )
    values: dict[str, str] | None = None
    for file, section in sections:
        parser = ConfigParser(interpolation=None, strict=False, default_section="")
        try:
            parser.read_string(Path(file).expanduser().read_text("utf-8"))
        except (OSError, UnicodeError, Error, RuntimeError):  # none, or none that can be read
            continue
        if parser.has_section(section):
            values = (values or {}) | dict(parser[section])
    return values


def _provider(name: str, asking: str) -> Any:
    try:
        import boto3
        from obstore.auth.boto3 import Boto3CredentialProvider
    except ImportError:
        raise FileError(
            f"the profile {name} of AWS gets its keys by {asking}, for which boto3 is needed", "pip install boto3"
        ) from None
    return Boto3CredentialProvider(boto3.Session(profile_name=name))
