import os
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convcli.catalog import check_file, load_filter
from convcli.catalog.yaml.source import LARGEST_FILE
from convcli.errors import FilterError
from convcli.filters import Conv, Pipeline
from convcli.filters.border import Border
from tests.support.filters import error_of, load

VALID = """\
# A comment
name: my filter
description: >
  On two
  lines
weights:
  - [ 0, -1,   0]
  - [-1,  5, 1/9]
divisor: 1e1
bias: 50%
border: constant:0.25
padding: [1, 2]
stride: 2
dilation: [1, 3]
anchor: [0, 2]
tags: [edges, mine]
aliases: [mine]
source: "by hand: of course"
"""


def conv_of(pipeline: Pipeline) -> Conv:
    assert pipeline.conv is not None
    return pipeline.conv


def test_every_key_is_read(tmp_path: Path) -> None:
    pipeline = load(tmp_path, VALID)
    conv = conv_of(pipeline)
    assert (pipeline.name, pipeline.description) == ("my filter", "On two lines")
    assert (pipeline.tags, pipeline.aliases) == (("edges", "mine"), ("mine",))
    assert conv.kernel.weights.tolist() == [[0, -1, 0], [-1, 5, 1 / 9]]
    assert (conv.kernel.divisor, conv.kernel.bias, conv.kernel.anchor) == (10, (0.5,), (0, 2))
    assert (conv.padding, conv.stride, conv.dilation, conv.groups) == ((1, 2), (2, 2), (1, 3), 1)
    assert conv.border == Border("constant", 0.25)


def test_what_is_not_said_has_its_default(tmp_path: Path) -> None:
    conv = conv_of(load(tmp_path, "weights: [[1]]"))
    default = Conv(conv.kernel)
    assert (conv.padding, conv.stride, conv.dilation, conv.groups, conv.border) == (
        default.padding,
        default.stride,
        default.dilation,
        default.groups,
        None,
    )


def test_flip_and_normalize_mean_what_they_mean_on_the_command_line(tmp_path: Path) -> None:
    kernel = conv_of(load(tmp_path, "weights: [[1, 2, 5]]\nflip: true\nnormalize: sum\nanchor: [0, 0]")).kernel
    assert kernel.weights.tolist() == [[5, 2, 1]]
    assert (kernel.divisor, kernel.anchor) == (8, (0, 2))


def test_channels(tmp_path: Path) -> None:
    planes = conv_of(load(tmp_path, "weights: [[[1]], [[2]]]")).kernel
    assert planes.weights.shape == (2, 1, 1)
    grouped = conv_of(load(tmp_path, "weights: [[[[1]]], [[[2]]]]\ngroups: 2\nbias: [1/2, 25%]"))
    assert grouped.kernel.weights.shape == (2, 1, 1, 1)
    assert (grouped.groups, grouped.kernel.bias) == (2, (0.5, 0.25))


@pytest.mark.parametrize("prefix", [b"\xef\xbb\xbf", b"---\n", b"%YAML 1.2\n---\n", b"\n\n# hi\r\n"])
def test_harmless_beginnings(tmp_path: Path, prefix: bytes) -> None:
    assert load(tmp_path, prefix + VALID.encode()).name == "my filter"


NUMBER = "write a number such as 2, -1.5, 1e-3"
ROW = "write one row in brackets on each line, such as - [0, -1, 0]"
STEPS = "expected a whole number from 1 to 65535, or two as 2x3 or [down, right]"
WRONG: list[tuple[str | bytes, str, str, str]] = [
    # the weights: what, where, and what to do
    ("weights:\n  - [0, 1]\n  - [1]\n", "3:5", "row 2 has 1 number, row 1 has 2", "give every row as many numbers"),
    ("weights:\n  - [0, .nan]\n", "2:9", "'nan' is not a finite number (row 1, number 2)", ""),
    ("weights:\n  - [0, nan]\n", "2:9", "'nan' is not a finite number (row 1, number 2)", ""),
    ("weights: [[1], [-.inf]]", "1:17", "'-inf' is not a finite number (row 2, number 1)", ""),
    ("weights: [[1, x]]", "1:15", "'x' is not a number (row 1, number 2)", NUMBER),
    ("weights: [[1, 1/0]]", "1:15", "'1/0' divides by zero (row 1, number 2)", ""),
    ("weights: [[1, true]]", "1:15", "true is not a number (row 1, number 2)", NUMBER),
    ("weights: [[1, ~]]", "1:15", "an empty value is not a number (row 1, number 2)", NUMBER),
    ("weights: [[1, [2]]]", "1:15", "a list is not a number (row 1, number 2)", NUMBER),
    ("weights: [[1, 2: 3]]", "1:15", "a mapping is not a number (row 1, number 2)", NUMBER),
    ("weights: []", "1:10", "an empty list of weights", ROW),
    ("weights: [[]]", "1:11", "an empty list of weights", ROW),
    ("weights: [1, 2]", "1:10", "weights are one list, expected a list of rows", ROW),
    ("weights: [[1], 2]", "1:16", "row 2 is 2, expected a list", ROW),
    ("weights: [[[[[1]]]]]", "1:10", "weights are 5 lists deep, expected 2, 3 or 4", "remove brackets"),
    ("weights: [[[1]], [[1], [2]]]", "1:18", "channel 2 has 2 rows, channel 1 has 1", ""),
    ("weights: [[[1, 2], [1]]]", "1:20", "channel 1, row 2 has 1 number, channel 1, row 1 has 2", ""),
    ("weights: 0 1; 1 0", "1:10", "weights: '0 1; 1 0', expected rows of numbers", "write weights: [[0, -1, 0]"),
    ("weights:\nname: x", "1:1", "weights: an empty value, expected rows of numbers", ""),
    (f"weights: [[{'1' * 5000}]]", "1:12", "a number of 5000 digits", "write at most 400"),
    (f"weights: [[{'1' * 400}]]", "1:12", f"'{'1' * 59}… is not a finite number (row 1, number 1)", ""),
    (f"weights: [['{'1' * 5000}']]", "1:12", f"'{'1' * 59}… is not a finite number (row 1, number 1)", ""),
    (f"weights: [[{'1, ' * 1024}]]", "1:10", "a kernel of 1×1024 weights", "at most 1023 on a side"),
    # keys
    (
        "name: x\nweigths: [[1]]",
        "2:1",
        "unknown key 'weigths'",
        "did you mean weights? The keys are weights, layers, name,",
    ),
    ("weights: [[1]]\n<<: {name: x}", "2:1", "unknown key '<<'", "The keys are"),
    ('weights: [[1]]\n"\\e[31m": 1', "2:1", "unknown key '\\x1b[31m'", "The keys are"),
    ("weights: {fil: x}", "1:11", "unknown key 'fil'", "write {file: weights.npy}"),
    ("weights: {}", "1:10", "no file", "write {file: weights.npy}"),
    ("name: x", "1:1", "no weights", "write weights: with rows such as - [0, -1, 0]"),
    ("weights: [[1]]\n\nweights: [[2]]", "3:1", "key 'weights' stands twice", "the first is in line 1: remove one"),
    ("weights: [[1]]\n? [a]\n: 1", "2:3", "a key must be a word", "write KEY: VALUE"),
    # the other values
    ("weights: [[1]]\nname: a/b", "2:7", "name: 'a/b', expected a name of at most 64 letters", "write name: my-filter"),
    ("weights: [[1]]\nname: 5", "2:7", "name: 5, expected a name", "write name: my-filter"),
    ("weights: [[1]]\nname: ..", "2:7", "name: '..', expected a name", ""),
    ("weights: [[1]]\naliases: [a, ../b]", "2:14", "aliases: '../b', expected a list of other names", ""),
    ("weights: [[1]]\ntags: edges", "2:7", "tags: 'edges', expected a list of words", "write tags: ["),
    ("weights: [[1]]\ndivisor: 0", "2:10", "divisor: 0, expected a number other than 0", "write divisor: 9"),
    ("weights: [[1]]\ndivisor: nine", "2:10", "divisor 'nine' is not a number", ""),
    ("weights: [[1]]\ndivisor: [1]", "2:10", "divisor: a list, expected a number", "write divisor: 9"),
    ("weights: [[1]]\nbias: [0.1, 0.2]", "2:7", "2 biases for 1 output channel", "give one bias,"),
    ("weights: [[1]]\nbias: [0.1, half]", "2:13", "'half' is not a number", ""),
    ("weights: [[1]]\nbias: .inf", "2:7", "bias 'inf' is not a finite number", ""),
    ("weights: [[1]]\nborder: mirror", "2:9", "border 'mirror' means different things", "write reflect (dcb|abcd|cba"),
    ("weights: [[1]]\nborder: wrp", "2:9", "unknown border 'wrp'", "did you mean wrap?"),
    ("weights: [[1]]\nborder: 0", "2:9", "border: 0, expected constant[:VALUE], edge,", "write border: reflect or"),
    ("weights: [[1]]\nanchor: [0, 1]", "2:9", "anchor [0, 1] lies outside a 1×1 kernel", "give a row from 0 to 0"),
    ("weights: [[1]]\nanchor: [0]", "2:9", "anchor: a list, expected two whole numbers", "write anchor: [0, 0]"),
    ("weights: [[1]]\nanchor: [0, -1]", "2:13", "anchor: -1, expected two whole numbers", ""),
    ("weights: [[1]]\nstride: 0", "2:9", f"stride: 0, {STEPS}", "write stride: 2 or stride: [2, 1]"),
    ("weights: [[1]]\nstride: true", "2:9", f"stride: true, {STEPS}", ""),
    ("weights: [[1]]\nstride: [1, 2.5]", "2:13", f"stride: 2.5, {STEPS}", ""),
    ("weights: [[1]]\ndilation: [1, 2, 3]", "2:11", f"dilation: a list, {STEPS}", ""),
    ("weights: [[1]]\npadding: -1", "2:10", "padding: -1, expected same, valid, full, pixels", "write padding: valid"),
    ("weights: [[1]]\npadding: sme", "2:10", "padding: 'sme', expected same, valid, full, pixels", ""),
    ("weights: [[1]]\ngroups: 2", "2:9", "groups 2 need weights of output × input channels", ""),
    ("weights: [[[[1]]], [[[1]]], [[[1]]]]\ngroups: 2", "2:9", "3 output channels cannot be split into 2 groups", ""),
    ("weights: [[1]]\nflip: yes", "2:7", "flip: 'yes', expected true", "write flip: true"),
    ("weights: [[1]]\nnormalize: l2", "2:12", "normalize: 'l2', expected one of none, sum, l1", "write normalize: sum"),
    ("weights: [[[[1]]], [[[2]]]]\nnormalize: sum", "2:12", "the output channels have different sums", ""),
    # not a filter file at all
    ("", "1:1", "the file is empty", "write weights: with rows of numbers"),
    ("\n# nothing\n", "1:1", "the file is empty", "write weights: with rows of numbers"),
    ("---\n", "1:1", "the file is empty", ""),
    ("- [0, 1]", "1:1", "the file is a list, expected keys and values", "write KEY: VALUE"),
    ("sharpen", "1:1", "the file is a single value, expected keys and values", "write KEY: VALUE"),
    ("weights: [[1]]\n---\nweights: [[2]]", "2:1", "a second document in the file", ""),
    # not YAML, or more YAML than a filter needs
    ("weights:\n\t- [1]", "2:1", "a tab where YAML wants spaces", "indent with spaces"),
    ("weights: [[1, 2]\nname: x", "2:1", "not YAML: expected ',' or ']'", "close the list with ]"),
    ("weights: 'x", "1:12", "not YAML: found unexpected end of stream", "close the quote"),
    ("description: a: b", "1:15", "not YAML: mapping values are not allowed here", "put quotes around"),
    ("a: 1\n b: 2", "2:3", "not YAML: mapping values are not allowed here", ""),
    ("weights: [[\x00]]", "1:12", "character U+0000 is not allowed in YAML", "remove it"),
    (b"weights: [[1]]\nname: caf\xe9", "2:10", "byte 0xE9 is not UTF-8 text", "save the file as UTF-8"),
    (b"\xfdw: 1", "1:1", "byte 0xFD is not UTF-8 text", "save the file as UTF-8"),
    ("w: 1".encode("utf-16-le"), "1:1", "UTF-16 text without a byte-order mark", "save it as UTF-8"),
    ('name: "\\ud800"', "1:7", "an escape that is half a character", "write the character itself"),
    ('name: "\\UFFFFFFFF"', "1:1", "not YAML: ", "look at escapes such as \\U"),
    (f"%YAML 1.{'9' * 5000}\n---\na: 1", "1:1", "not YAML: ", ""),
    ("%YAML 1.1\n---\nweights: [[1]]", "2:1", "the file asks for another YAML than 1.2", "remove the line %YAML"),
    ("weights: &w [[1]]\nbias: *w", "1:10", "references (& and *) are not accepted", "write the value out"),
    ("weights: *w", "1:10", "references (& and *) are not accepted", "write the value out"),
    ("weights: !!python/object:os.system [[1]]", "1:10", "tags (!) are not accepted", "remove the tag"),
]


@pytest.mark.parametrize(("content", "place", "message", "hint"), WRONG, ids=lambda part: repr(part)[:40])
def test_what_is_wrong_and_where(tmp_path: Path, content: str | bytes, place: str, message: str, hint: str) -> None:
    error = error_of(tmp_path, content)
    assert error.message.startswith(message)
    assert str(error).startswith(f"{tmp_path / 'f.yaml'}:{place}: ")
    assert error.hint.startswith(hint)
    assert error.hint
    assert (error.message + error.hint).isprintable()
    assert len(error.message) < 300


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize(
    "content",
    [
        "[" * 10**6,
        "{" * 10**6,
        "- " * (10**6 // 2),
        "? " * (10**6 // 2),
        "[a: " * (10**6 // 4),
        f"weights: [[{'1,' * 200_000}1]]",
        "%a\n" * 300_000,
        "'" + "a\n" * 500_000,
    ],
    ids=lambda content: content[:12],
)
def test_hostile_files_are_refused_in_time(tmp_path: Path, content: str) -> None:
    begin = time.process_time()
    assert error_of(tmp_path, content).place
    assert time.process_time() - begin < 10  # about two at most; the deep ones take minutes where depth is not bounded


@pytest.mark.no_cover
def test_a_file_may_be_a_mebibyte(tmp_path: Path) -> None:
    content = "weights: [[1]]\n#"
    load(tmp_path, content.ljust(LARGEST_FILE, "#"))
    error = error_of(tmp_path, content.ljust(LARGEST_FILE + 1, "#"))
    assert error.message.endswith("f.yaml is larger than 1 MiB")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FilterError, match=r"no such filter file: .*none\.yaml"):
        check_file(tmp_path / "none.yaml")
    with pytest.raises(FilterError, match="is a folder"):
        check_file(tmp_path)
    with pytest.raises(FilterError, match=r"cannot read a\\x00.yaml"):
        check_file(Path("a\0.yaml"))
    (tmp_path / "file").write_text("")
    with pytest.raises(FilterError, match=r"cannot read .*: Not a directory"):
        check_file(tmp_path / "file" / "x.yaml")


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="the system has no endless file")  # noqa: PTH110
def test_an_endless_file_is_too_large() -> None:
    with pytest.raises(FilterError, match="larger than 1 MiB"):
        check_file(Path("/dev/zero"))


def test_the_place_is_named_as_the_user_wrote_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.yaml").write_text("weights: [[x]]")
    with pytest.raises(FilterError) as caught:
        load_filter("./f.yaml")
    assert str(caught.value).startswith("./f.yaml:1:12: ")


SNIPPETS = st.sampled_from(
    ["\t", "\n", " ", "- ",
     "[", "]", "{", "}", ": ", ",", "'", '"', "#", "|", ">", "&a ", "*a", "!", "!!str ", "%", "? ",
     "---\n", "...\n", "1/0", ".nan", "1e999", "-", "~", "true", "<<: ", "weights: ", "file: ", "\0", "\x85", "\u2028",
     "\\", "\\U", "\\x", "@", "`", "𝟙", "\ufeff", "9" * 500]
)  # fmt: skip


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "f.yaml"


def accept(scratch: Path, content: bytes) -> None:
    """Only a filter or a FilterError may come out."""
    scratch.write_bytes(content)
    error = None
    try:
        assert np.isfinite(conv_of(check_file(scratch)).kernel.weights).all()
    except FilterError as caught:
        error = caught
    assert error is None or (error.message and (error.message + error.hint).isprintable())


@settings(deadline=None)
@given(content=st.binary())
def test_any_bytes(scratch: Path, content: bytes) -> None:
    accept(scratch, content)


@settings(deadline=None)
@given(content=st.text() | st.lists(SNIPPETS | st.text(max_size=3)).map("".join))
def test_any_text(scratch: Path, content: str) -> None:
    accept(scratch, content.encode("utf-8", "surrogatepass"))


@settings(deadline=None)
@given(
    edits=st.lists(
        st.tuples(st.integers(0, len(VALID)), st.integers(0, 12), SNIPPETS | st.text(max_size=2)),
        min_size=1,
        max_size=4,
    )
)
def test_a_valid_file_edited_anywhere(scratch: Path, edits: list[tuple[int, int, str]]) -> None:
    content = VALID
    for position, removed, inserted in edits:
        content = content[:position] + inserted + content[position + removed :]
    accept(scratch, content.encode("utf-8", "surrogatepass"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["weights", "name", "divisor", "bias", "border", "padding", "stride", "dilation", "groups", "flip", "normalize"]


@settings(deadline=None)
@given(values=st.dictionaries(st.sampled_from([*KEYS, "anchor", "tags", "aliases", "layers"]), JSON))
def test_any_value_for_any_key(scratch: Path, values: dict[str, object]) -> None:
    lines = [f"{key}: {value!r}" for key, value in {"weights": [[1, 2]], **values}.items()]
    accept(scratch, "\n".join(lines).encode("utf-8", "surrogatepass"))
