"""Filters, as words and as files, that are short and ask for much."""

from __future__ import annotations

from collections.abc import Callable, Iterator


def filter_files() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield the name of each filter file, and a function that makes its bytes."""
    aliases = [b"a0: &a0 [1]"] + [
        b"a%d: &a%d [%s]" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 12)
    ]
    yield "aliases.yaml", lambda: b"\n".join(aliases) + b"\nweights: *a11\n"
    yield "nested.yaml", lambda: b"weights: " + b"[" * 200_000
    yield "nested-maps.yaml", lambda: b"layers: " + b"{a: " * 100_000
    yield "weights.yaml", lambda: b"weights:\n" + b"  - [" + b", ".join([b"1"] * 300_000) + b"]\n"
    yield "rows.yaml", lambda: b"weights:\n" + b"  - [1]\n" * 101_000
    yield (
        "size.yaml",
        lambda: (
            b"layers:\n- conv: {in_channels: 1000000, out_channels: 1000000, kernel_size: 99, init: random, seed: 0}\n"
        ),
    )
    yield "wide.yaml", lambda: b"layers:\n- linear: {out_features: 1000000000, init: random, seed: 0}\n"
    yield "layers.yaml", lambda: b"layers:\n" + b"- relu\n" * 120_000
    yield "digits.yaml", lambda: b"weights: [[" + b"9" * 900_000 + b"]]\n"
    yield "text.yaml", lambda: b"name: " + b"a " * 450_000 + b"\n"
    yield "escapes.yaml", lambda: b'name: "' + b"\\u0041" * 150_000 + b'"\nweights: [[1]]\n'
    yield "comments.yaml", lambda: b"#\n" * 500_000 + b"weights: [[1]]\n"
    yield "indents.yaml", lambda: b"".join(b" " * n + b"a:\n" for n in range(1400))
    yield "tags.yaml", lambda: b"weights: " + b"!a " * 300_000
    yield "names.yaml", lambda: b"".join(b"%x: 1\n" % n for n in range(120_000))


def filter_words() -> Iterator[tuple[str, str]]:
    """Yield a name and the words of a filter."""
    yield "long kernel", " ".join(["1"] * 60_000)
    yield "many rows", ";".join(["1"] * 60_000)
    yield "blanks in a kernel", "1" + " " * 120_000 + "x"
    yield "brackets", "[" * 120_000
    yield "parentheses", "(" * 120_000
    yield "layers", " | ".join(["relu"] * 10_000)
    yield "unknown layers", " | ".join(["blurr"] * 10_000)
    yield "arguments", "gaussian:a" + ",a" * 60_000 + "("
    yield "convolutions", " | ".join(["box:3"] * 10_000)
    yield "one word", "a" * 120_000
    yield "colons", "gaussian" + ":" * 120_000
    yield "commas", "dog:" + "," * 120_000
    yield "digits", "gaussian:" + "9" * 120_000
    yield "factors", "1/" * 60_000
    yield "arrays", "np.array(" * 13_000
    yield "keywords", "np.array([[1]]" + ", a=1" * 20_000 + "]"
    yield "minus signs", "-" * 120_000 + "1"
    yield "dilation", "0 1 0;1 1 1;0 1 0 --dilation 30000"
    yield "dilation in a text", "box:size=3 --dilation 1000000"
    yield "sigma", "gaussian:100000"
    yield "size", "box:1000001"
    yield "median", "median:1001"
    yield "resize", "resize:10000000%"
    yield "padding", "box:3 --padding 1000000"
    yield "branches", "(" * 5000 + "box" + ")" * 5000
    yield "pooling", "maxpool:100001"
    yield "channels", "expand:1000000"
