"""Files that are damaged, or made to do harm: one error, in bounded time and memory."""

from __future__ import annotations

import json
import random
import struct
from pathlib import Path

import numpy as np
import pytest

import convcli
from convcli.errors import FilterError
from convcli.exchange import TARGETS
from tests.exchange.drawn import pipeline_of

_LAUGHS = """<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<svg><filter><feConvolveMatrix kernelMatrix="&b;"/></filter></svg>"""
_OUTSIDE = """<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/hostname">]><svg>&a;</svg>"""
_SVG = '<svg xmlns="http://www.w3.org/2000/svg"><filter>{}</filter></svg>'
_FE = '<feConvolveMatrix order="{}" kernelMatrix="{}" {}/>'


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("k.svg", _LAUGHS, "k.svg:1:1: it declares an entity"),
        ("k.svg", _OUTSIDE, "k.svg:1:1: it declares an entity"),
        ("k.svg", "<svg>", "it is no XML"),
        ("k.svg", "", "it is no XML"),
        ("k.svg", "<svg/>", "there is no feConvolveMatrix in it"),
        ("k.svg", "<a>" * 200, "too many elements"),
        ("k.svg", _SVG.format(_FE.format("3", "1 2", "")), "kernelMatrix has 2 numbers for an order of 3 3"),
        ("k.svg", _SVG.format(_FE.format("0", "", "")), "order='0' is no size"),
        ("k.svg", _SVG.format(_FE.format("1e4", "1", "")), "kernelMatrix has 1 numbers"),
        ("k.svg", _SVG.format(_FE.format("1", "nan", "")), "'nan' is not a finite number"),
        ("k.svg", _SVG.format(_FE.format("1", "1", 'targetX="1"')), "targetX=1 lies outside"),
        ("k.svg", _SVG.format(_FE.format("1", "1", 'edgeMode="mirror"')), "edgeMode='mirror' is none"),
        ("k.svg", _SVG.format("<feGaussianBlur/>"), "the step feGaussianBlur is no kernel"),
        ("k.svg", f"<svg>{2 * f'<filter>{_FE.format(1, 1, str())}</filter>'}</svg>", "there are 2 filters in it"),
        ("k.svg", _SVG.format(_FE.format("1", "1", 'in="other"')), "a step that takes 'other'"),
        ("k.vrt", "<VRTDataset/>", "there is no KernelFilteredSource in it"),
        ("k.vrt", "<KernelFilteredSource><Kernel/></KernelFilteredSource>", "a kernel without Size"),
        ("k.mat", "", "it is empty"),
        ("k.mat", "MATLAB 5.0 MAT-file", "it is a file of MATLAB"),
        ("k.mat", "3 3\n1 2 3", "the first line has 3×3, and the rows have 3×1"),
        ("k.mat", "3 x\n1 2 3", "k.mat:1:1: 'x' is not a number"),
        ("k.mat", "3 1 0\n1 2 3", "a scale of 0"),
        ("k.mat", "-3 1\n1 2 3", "the first line is no width"),
        ("k.mat", "3 1 1 1 1\n1 2 3", "the first line is no width"),
        ("k.csv", "1,2\n3\n", "k.csv:2:1: row 2 has 1 numbers, row 1 has 2"),
        ("k.csv", "1,2\n3,four\n", "k.csv:2:3: 'four' is not a number"),
        ("k.csv", "\n\n", "there are no numbers in it"),
        ("k.csv", "1e999", "'1e999' is not a finite number"),
        ("k.csv", ",".join(["1"] * 2000), "a kernel of 1×2000 weights"),
        ("k.txt", "3x3: 1,2,3", "3 numbers for a kernel of 3×3"),
        ("k.txt", "3x3>: 1,2,3", "a kernel that is turned by '>'"),
        ("k.txt", "2x1: 1,2; 2x1: 2,1", "several kernels in one text"),
        ("k.txt", "2x1+5+0: 1,2", "+5+0 lies outside of 2×1"),
        ("k.json", "[[1, 2], [3]]", "k.json:1:10: row 2 has 1 number, row 1 has 2"),
        ("k.json", "[" * 5000, ""),
        ("k.json", '{"weights": [[1]], "weights": [[2]]}', "k.json:1:"),
        ("k.npy", "", "it is no array file of NumPy"),
        ("k.safetensors", "", "it is no file of safetensors"),
    ],
)
def test_one_line_says_what_is_wrong(
    name: str, text: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name.endswith(".safetensors"):
        pytest.importorskip("safetensors", reason="safetensors is not installed")
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(text)
    with pytest.raises(FilterError) as caught:
        convcli.load_filter(name)
    assert what in caught.value.headline
    assert "\n" not in caught.value.headline
    assert caught.value.hint


@pytest.mark.parametrize("shape", [(2, 2, 2, 2, 2), (0, 3), ()])
def test_arrays_that_are_no_kernel(shape: tuple[int, ...], tmp_path: Path) -> None:
    np.save(tmp_path / "k.npy", np.ones(shape))
    with pytest.raises(FilterError, match=r"no kernel|without weights"):
        convcli.load_filter(str(tmp_path / "k.npy"))


def test_arrays_of_objects_are_not_loaded(tmp_path: Path) -> None:
    np.save(tmp_path / "k.npy", np.array([{"a": 1}]), allow_pickle=True)
    with pytest.raises(FilterError, match="no array file"):
        convcli.load_filter(str(tmp_path / "k.npy"))
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999, 99999999), }"
    (tmp_path / "k.npy").write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header) + 1) + header + b"\n")
    with pytest.raises(FilterError, match="no array file"):
        convcli.load_filter(str(tmp_path / "k.npy"))


def test_tensors_with_other_metadata(tmp_path: Path) -> None:
    pytest.importorskip("safetensors", reason="safetensors is not installed")

    def file(steps: object) -> str:
        header = json.dumps(
            {
                "__metadata__": {"convcli": json.dumps(steps)},
                "w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
            }
        ).encode()
        (tmp_path / "k.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))
        return str(tmp_path / "k.safetensors")

    wrong_steps: list[object] = [
        [],
        {},
        3,
        ["sobel"],
        [{}],
        [{"weight": "x"}],
        [{"weight": "w"}],
        [{"weight": "w", "form": "full"}],
    ]
    for steps in wrong_steps:
        with pytest.raises(FilterError, match=r"metadata are damaged|make no kernel"):
            convcli.load_filter(file(steps))
    one = {"weight": "w", "form": "shared"}
    for wrong in ({"stride": [0, 1]}, {"padding": "x"}, {"border": "mirror"}, {"groups": -1}, {"anchor": [5, 5]}):
        with pytest.raises(FilterError):
            convcli.load_filter(file([one | {"form": "full"} | wrong]))


@pytest.mark.parametrize("target", ["svg", "vips", "npy", "csv", "safetensors"])
def test_damage_at_any_place(target: str, tmp_path: Path) -> None:
    if target == "safetensors":
        pytest.importorskip("safetensors", reason="safetensors is not installed")
    ending = {"vips": "mat"}.get(target, target)
    kernel = convcli.Kernel(np.arange(12).reshape(3, 4) - 5, 3, 0.25, (0, 1))
    content = TARGETS[target].export(pipeline_of(kernel, "edge"), f".{ending}").content
    assert isinstance(content, str | bytes)
    data = content.encode() if isinstance(content, str) else content
    draw = random.Random(target)
    file = tmp_path / f"k.{ending}"
    for _ in range(150):
        damaged = bytearray(data)
        for _ in range(draw.randint(1, 4)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        file.write_bytes(bytes(damaged)[: draw.choice((None, draw.randrange(len(data))))])
        assert _refusal(file).count("\n") <= 1, "the fact and a hint"


def _refusal(file: Path) -> str:
    """Return what a filter is refused with; empty where the damage makes another filter."""
    try:
        convcli.load_filter(str(file))
    except FilterError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", ["k.txt", "k.csv"])
def test_commas_are_decimal_ones_where_tabs_separate_numbers(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("0,5\t1\n1\t0,25\n")
    conv = convcli.load_filter(str(tmp_path / name)).conv
    assert conv is not None
    assert conv.kernel.weights.tolist() == [[0.5, 1], [1, 0.25]]
