"""The folders are those that platformdirs names, however they are found."""

from __future__ import annotations

import platformdirs
import pytest

from convcli.user_folders import user_folder

SETTINGS = [
    {},
    {"HOME": "/home/somebody"},
    {"HOME": "relative"},
    {"HOME": ""},
    {"HOME": "/home/somebody/"},
    {"HOME": "/x", "XDG_CONFIG_HOME": "/c", "XDG_CACHE_HOME": "/d", "XDG_STATE_HOME": "/e"},
    {"HOME": "/x", "XDG_CONFIG_HOME": "c", "XDG_CACHE_HOME": "", "XDG_STATE_HOME": "~/e"},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_folders_are_those_of_platformdirs(settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert user_folder("config") == platformdirs.user_config_path("convcli", appauthor=False)
    assert user_folder("cache") == platformdirs.user_cache_path("convcli")
    assert user_folder("state") == platformdirs.user_state_path("convcli", appauthor=False)
