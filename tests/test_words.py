"""Numbers and lists in words."""

from __future__ import annotations

import pytest

from convcli.words import counted, grouped, listed, times, without_secrets


def test_a_noun_is_plural_unless_there_is_one() -> None:
    assert [counted(each, "file") for each in (0, 1, 2)] == ["0 files", "1 file", "2 files"]


def test_thousands_are_grouped() -> None:
    assert [grouped(each) for each in (0, 999, 1000, 12832, 1234567)] == ["0", "999", "1 000", "12 832", "1 234 567"]
    assert [grouped(each, in_text=True) for each in (0, 9999, 12832)] == ["0", "9999", "12\N{NO-BREAK SPACE}832"]


def test_sizes_have_a_multiplication_sign() -> None:
    assert [times(each) for each in ((3,), (3, 480, 640))] == ["3", "3×480×640"]


def test_lists_end_in_and() -> None:
    assert [listed(each) for each in (["1"], ["1", "2"], ["1", "2", "3"])] == ["1", "1 and 2", "1, 2 and 3"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://me:key@h.org/x.jpg?a=key&b=key does not exist", "http://…@h.org/x.jpg?… does not exist"),
        ("http://me:k/e@y/s@h.org/x.jpg does not exist", "http://…@h.org/x.jpg does not exist"),
        ("https://h.org:8080/@me/x.jpg, h.org/@me", "https://h.org:8080/@me/x.jpg, h.org/@me"),
        ("no filter with 'https://h.org/x?a=key' in it", "no filter with 'https://h.org/x?…' in it"),
        ('{"input": "http://me:key@h.org/a?b=key", "x": 1}', '{"input": "http://…@h.org/a?…", "x": 1}'),
        ('apply "s3://b/a@2x.png?key" https://h.org/b.png?key', 'apply "s3://b/a@2x.png?…" https://h.org/b.png?…'),
        ("'https:/me:key@h.org/a' as a path", "'https:/…@h.org/a' as a path"),
        ("(https://h.org/x#key): damaged", "(https://h.org/x#…): damaged"),
        ("https://h.org/x?a=key,'key: damaged", "https://h.org/x?…: damaged"),
        ("is it http://h.org/x? yes", "is it http://h.org/x? yes"),
        ("C:/me@home/a?b, and/or a:b@c", "C:/me@home/a?b, and/or a:b@c"),
    ],
)
def test_of_urls_neither_logins_nor_queries_are_shown(text: str, shown: str) -> None:
    assert without_secrets(text) == shown
