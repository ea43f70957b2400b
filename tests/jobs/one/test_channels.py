from __future__ import annotations

import pytest

from convcli.errors import UsageError
from convcli.jobs.one.channels import names_alpha, parse_channels


@pytest.mark.parametrize(
    ("text", "channels"), [("all", "all"), (" LUMA", "luma"), ("r", "r"), ("R, b", "rb"), ("a", "a"), ("b,a,g", "bag")]
)
def test_channels_are_named_in_any_case_and_order(text: str, channels: str) -> None:
    assert parse_channels(text) == channels


@pytest.mark.parametrize(
    ("text", "message"), [("", "unknown"), ("rgb", "unknown"), ("r,luma", "unknown"), ("r,g,r", "a channel twice")]
)
def test_other_texts_are_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_channels(text)


def test_alpha_is_named_by_its_letter_alone() -> None:
    assert names_alpha("a")
    assert names_alpha("ga")
    assert not names_alpha("all"), "though it has the letter"
    assert not names_alpha("luma")
    assert not names_alpha("rgb")
