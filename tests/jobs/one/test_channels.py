from __future__ import annotations

import pytest

from convcli.errors import UsageError
from convcli.jobs.one.channels import alpha_of, parse_channels


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


def test_alpha_is_filtered_where_its_letter_names_it() -> None:
    assert alpha_of("a", "keep") == alpha_of("ga", "filter") == "filter"
    assert alpha_of("all", "keep") == "keep", "though it has the letter"
    assert alpha_of("luma", "drop") == "drop"
    assert alpha_of("rgb", "keep") == "keep"
    with pytest.raises(UsageError, match="contradict"):
        alpha_of("rgba", "drop")
