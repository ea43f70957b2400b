"""``layers:`` in a file: what the entries become, and where one is wrong."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from convcli.catalog import check_file, load_filter, to_yaml
from convcli.errors import FilterError
from convcli.filters import (
    Abs,
    AvgPool,
    Clip,
    Conv,
    Layer,
    Linear,
    Magnitude,
    Maximum,
    MaxPool,
    Pipeline,
    ReLU,
    SumPool,
    Threshold,
)
from convcli.filters.border import Border
from tests.support.filters import error_of, load


def layers_of(tmp_path: Path, *entries: str) -> tuple[Layer, ...]:
    return load(tmp_path, "layers:\n" + "".join(f"  - {entry}\n" for entry in entries)).layers


def test_the_file_of_the_contract(tmp_path: Path) -> None:
    pipeline = load(
        tmp_path,
        """\
name: edges
layers:
  - gaussian: {sigma: 1.4}
  - conv: {weights: [[1, 0, -1]], stride: 2, padding: 1}
  - conv: {in_channels: 1, out_channels: 16, kernel_size: 5, padding: 2, init: random, seed: 0}
  - relu
  - maxpool: 2
  - linear: {out_features: 10, init: random, seed: 1}
""",
    )
    assert pipeline.name == "edges"
    gaussian, conv, made, relu, pool, linear = pipeline.layers
    assert isinstance(gaussian, Conv)
    assert (gaussian.padding, gaussian.border) == ("same", None)
    assert isinstance(conv, Conv)
    assert (conv.padding, conv.border, conv.stride) == ((1, 1), Border("constant"), (2, 2))
    assert isinstance(made, Conv)
    assert made.kernel.weights.shape == (16, 1, 5, 5)
    assert (relu, pool) == (ReLU(), MaxPool((2, 2)))
    assert isinstance(linear, Linear)
    assert (linear.out_features, linear.init, linear.seed, linear.has_bias) == (10, "random", 1, True)
    assert pipeline.output_shape((1, 28, 28)) == (10, 1, 1)


def test_the_forms_of_an_entry(tmp_path: Path) -> None:
    assert layers_of(tmp_path, "relu", "relu:", "ReLU: {}", '"relu | abs"', "maxpool:2") == (
        ReLU(), ReLU(), ReLU(), ReLU(), Abs(), MaxPool((2, 2))
    )  # fmt: skip
    assert layers_of(
        tmp_path, "maxpool: 2", "maxpool: [2, 3]", "maxpool: {size: 3, stride: [2, 1]}", "maxpool: 2x3", "maxpool"
    ) == (MaxPool((2, 2)), MaxPool((2, 3)), MaxPool((3, 3), (2, 1)), MaxPool((2, 3)), MaxPool((2, 2)))
    assert layers_of(
        tmp_path,
        "maxpool: {size: 3, stride: 2, padding: 1, dilation: 2, ceil_mode: true}",
        "avgpool: {size: [4, 3], padding: [2, 1], count_include_pad: false, divisor: 1/2}",
        '"sumpool:3,2,1,2,true"',
    ) == (
        MaxPool((3, 3), (2, 2), (1, 1), (2, 2), ceil_mode=True),
        AvgPool((4, 3), None, (2, 1), count_include_pad=False, divisor=0.5),
        SumPool((3, 3), (2, 2), (1, 1), (2, 2), ceil_mode=True),
    )
    assert layers_of(tmp_path, "clip: [0, 50%]", "clip: {high: 1/2}", "threshold: 0.3", "threshold: 30%") == (
        Clip(0, 0.5), Clip(0, 0.5), Threshold(0.3), Threshold(0.3)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("gaussian: {sigma: 2}", "gaussian:2"),
        ("gaussian: 2", "gaussian:2"),
        ("gauss: [2, 5]", "gaussian:2,5"),
        ("gaussian: {sigma: 3/2, size: 5, stride: 2}", "gaussian:1.5,5,stride=2"),
        ("gaussian5", "binomial:5"),
        ("kirsch: n", "kirsch:n"),
        ("kirsch: {direction: sw}", "kirsch:sw"),
        ("gabor: {lambda: 5}", "gabor:lambda=5"),
        ("pillow:blur", "pillow:blur"),
        ("pillow:blur:", "pillow:blur"),
        ('"pillow:blur": {bias: 10%, border: wrap}', "pillow:blur,bias=10%,border=wrap"),
        ("sobel-x: {divisor: 4, padding: [1, 2], dilation: 2, flip: true}",
         "sobel-x:divisor=4,padding=1x2,dilation=2,flip=true"),
        ("luma: {bias: [0.5]}", "luma:bias=0.5"),
        ("box: {normalize: sum, bias: 0.25}", "box:normalize=sum,bias=25%"),
        ("sobel", "sobel"),
        ("1 2; 3 4", "1 2; 3 4"),
        ("magnitude", "magnitude"),
        ("maximum:", "maximum"),
    ],
)  # fmt: skip
def test_a_file_means_what_the_command_line_means(tmp_path: Path, entry: str, text: str) -> None:
    assert to_yaml(Pipeline(layers_of(tmp_path, entry))) == to_yaml(Pipeline(load_filter(text).layers))


def test_branches(tmp_path: Path) -> None:
    (magnitude,) = layers_of(tmp_path, 'magnitude: [sobel-x, {sobel-y: {divisor: 4}}, [relu, abs], "relu | abs"]')
    assert isinstance(magnitude, Magnitude)
    (one,), (two,), three, four = magnitude.branches
    assert isinstance(one, Conv)
    assert isinstance(two, Conv)
    assert (one.kernel.divisor, two.kernel.divisor) == (1, 4)
    assert three == four == (ReLU(), Abs())
    (maximum,) = layers_of(tmp_path, "maximum: [[magnitude: [relu]], abs]")
    assert isinstance(maximum, Maximum)
    assert isinstance(maximum.branches[0][0], Magnitude)


def test_linear_with_numbers(tmp_path: Path) -> None:
    np.save(tmp_path / "w.npy", np.arange(6.0).reshape(2, 3))
    np.save(tmp_path / "b.npy", np.array([0.5, -1]))
    layers = layers_of(
        tmp_path,
        "linear: {weights: [[0, 1, 2], [3, 4, 5]], bias: [50%, -1]}",
        "linear: {weights: {file: w.npy}, bias: {file: b.npy}, out_features: 2}",
        "linear: {weights: {file: w.npy}}",
    )
    for layer, bias in zip(layers, ([0.5, -1], [0.5, -1], None), strict=True):
        assert isinstance(layer, Linear)
        assert layer.weights is not None
        assert layer.weights.tolist() == [[0, 1, 2], [3, 4, 5]]
        assert (None if layer.bias is None else layer.bias.tolist()) == bias


def test_another_file_of_the_folder_is_a_layer_too(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "both.yaml").write_text("layers: [relu, ./one.yaml]")
    (tmp_path / "parts" / "one.yaml").write_text("weights: [[1, 2]]")
    relu, one, moved = layers_of(tmp_path, "parts/both.yaml", "parts/one.yaml: {stride: 2}")
    assert relu == ReLU()
    assert isinstance(one, Conv)
    assert isinstance(moved, Conv)
    assert (one.stride, moved.stride) == ((1, 1), (2, 2))


@pytest.mark.parametrize("name", ["../out.yaml", "/etc/out.yaml", "parts/../../out.yaml", "link.yaml"])
def test_no_file_outside_the_folder_is_a_layer(tmp_path: Path, name: str) -> None:
    (tmp_path / "out.yaml").write_text("weights: [[1]]")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.yaml").symlink_to(tmp_path / "out.yaml")
    error = error_of(folder, f"layers:\n  - relu\n  - {name}\n")
    assert "outside the folder" in error.message
    assert str(error.place).endswith("f.yaml:3:5")


# What is wrong stands behind the mark.
WRONG = [
    # the list
    ("§layers:", "layers: an empty value, expected layers, one after each dash", "write layers: [{"),
    ("layers: §relu", "layers: 'relu', expected layers, one after each dash", "write layers: [{"),
    ("layers: §[]", "an empty list, expected layers", "write one layer after each dash"),
    ("layers: [§5]", "5 is no layer", "write one layer after each dash"),
    ("layers: [§[relu]]", "a list is no layer", "write one layer after each dash"),
    ("layers: [§{}]", "an empty mapping is no layer", "write one layer after each dash"),
    ("layers: [relu, §~]", "an empty value is no layer", "write one layer after each dash"),
    ("layers: [relu, §'']", "a kernel without numbers", "write rows"),
    ("layers:\n  - conv:\n    §weights: [[1]]", "key 'weights' beside the layer 'conv'", "indent what is said"),
    ("layers: [relu]\n§weigths: 1", "unknown key 'weigths'", "The keys are layers, name, description, tags,"),
    ("layers: [relu]\n§border: wrap", "border beside layers, and it belongs to one kernel", "write border in"),
    ("§weights: [[1]]\nlayers: [relu]", "weights beside layers, and it belongs to one kernel", "write weights"),
    # names
    ("layers:\n  - relu\n  - §sobl", "unknown filter 'sobl'", "did you mean sobel"),
    ("layers:\n  - relu\n  - §sobl: {divisor: 2}", "unknown filter 'sobl'", "did you mean sobel"),
    ("layers:\n  - abs\n  - §'relu | sobl | abs'", "unknown filter 'sobl'", "did you mean sobel"),
    ("layers: [{§'relu | abs': 1}]", "'relu | abs' is not the name of a filter or layer", "write one layer"),
    ("layers: [{§'1 2': 1}]", "'1 2' is not the name of a filter or layer", "write one layer"),
    ("layers: [{§'': 1}]", "a kernel without numbers", "write rows"),
    ("layers: [{§2: 1}]", "'2' is not the name of a filter or layer", "write one layer"),
    ("layers: [{§none.yaml: {}}]", "no such filter file: ", "a name with a slash"),
    # parameters
    ("layers:\n  - gaussian: {sigma: §0}", "gaussian: sigma 0 is not a number from 0.01 to 127", "sigma is a"),
    ("layers:\n  - gaussian: §0", "gaussian: sigma 0 is not a number from 0.01 to 127", "sigma is a number"),
    ("layers:\n  - gaussian: [1, §0]", "gaussian: size 0 is not a whole number from 1 to 1023", "size is"),
    ("layers:\n  - gaussian: {§sgima: 1}", "gaussian has no parameter 'sgima'", "did you mean sigma? sigma is a"),
    ("layers:\n  - gaussian: {sigma: §true}", "gaussian: sigma true is not a number", "sigma is a number"),
    ("layers:\n  - gaussian: {§sigma: ~}", "gaussian: sigma an empty value is not a number", "sigma is"),
    ("layers:\n  - gaussian: {sigma: §.nan}", "gaussian: sigma 'nan' is not a finite number", "sigma is a"),
    ("layers:\n  - gaussian: {sigma: §[1]}", "gaussian: sigma a list is not a number", "sigma is a number"),
    ("layers:\n  - gaussian:1: {sigma: §1}", "gaussian is given sigma twice", "give it once"),
    ("layers:\n  - relu: §1", "relu takes no parameters", "write relu"),
    ("layers:\n  - maxpool: {size: [2, §0]}", "maxpool: size 0 is not a whole number from 1", "size is a"),
    ("layers:\n  - §maxpool: {size: 3, padding: 2}", "maxpool: a padding of 2 is more than half", "give a padding"),
    ("layers:\n  - maxpool: {size: 3, ceil_mode: §1}", "maxpool: ceil_mode 1 is not true or false", "ceil_mode is"),
    ("layers:\n  - avgpool: {size: 3, divisor: §0}", "avgpool: divisor 0 is not a number other than 0", "divisor is"),
    ("layers:\n  - maxpool: {§divisor: 2}", "maxpool has no parameter 'divisor'", "size is a whole"),
    ("layers:\n  - maxpool: {§kernel_size: 2}", "maxpool has no parameter 'kernel_size'", "did you mean size?"),
    ("layers:\n  - conv: {out_channels: 2, §size: 3}", "conv has no parameter 'size'", "did you mean kernel_size?"),
    ("layers:\n  - §clip: {low: 2}", "clip from 2 to 1 leaves nothing", "give low before high"),
    ("layers:\n  - sobel: {stride: §2}", "stride needs a filter of one kernel, and sobel is a", "write stride"),
    ("layers:\n  - sepia: {bias: §[1, 2]}", "2 biases for 3 output channels", "give one bias"),
    ("layers:\n  - sepia: {border: §wrp}", "unknown border 'wrp'", "did you mean wrap?"),
    # branches
    ("layers:\n  - magnitude: §[]", "magnitude: a list, expected a list of branches", "write magnitude: ["),
    ("layers:\n  - magnitude: §2", "magnitude: 2, expected a list of branches", "write magnitude: ["),
    ("layers:\n  - maximum: §{relu: 1}", "maximum: a mapping, expected a list of branches", "write maximum"),
    ("layers:\n  - maximum: [relu, §[]]", "an empty list, expected layers", "write one layer"),
    ("layers:\n  - maximum:\n      - - relu\n        - gaussian: {sigma: §x}", "gaussian: sigma 'x' is not", "sigma"),
    ("layers:\n  - maximum:\n      - magnitude: [relu, §sobl]", "unknown filter 'sobl'", "did you mean"),
    # numbers
    ("layers:\n  - conv: {weights: [[1], §[2, x]]}", "row 2 has 2 numbers, row 1 has 1", "give every row"),
    ("layers:\n  - conv: {weights: [[1, §x]]}", "'x' is not a number (row 1, number 2)", "write a number"),
    ("layers:\n  - maximum: [kernel: {weights: [[1, §.inf]]}]", "'inf' is not a finite number (row 1", "write a"),
    ("layers:\n  - conv: {weights: §5}", "conv: weights 5 is not rows of numbers", "weights is rows of"),
    ("layers:\n  - conv: {weights: {§fil: w}}", "unknown key 'fil'", "write {file: weights.npy}"),
    ("layers:\n  - conv: {weights: §{}}", "no file", "write {file: weights.npy}"),
    ("layers:\n  - conv: {weights: §{file: 5}}", "no file", "write {file: weights.npy}"),
    ("layers:\n  - conv: {weights: {file: §../w.npy}}", "'../w.npy' lies outside the folder", "put it beside"),
    ("layers:\n  - conv: {weights: {file: §w.npy}}", "cannot read 'w.npy': No such file", "name a file beside"),
    ("layers:\n  - conv: {weights: [[1]], bias: §true}", "bias: true, and the weights are given", "give the"),
    ("layers:\n  - conv: {weights: [[1]], bias: [1, §x]}", "'x' is not a number", "write a number"),
    ("layers:\n  - conv: {weights: [[1]], bias: §[1, 2]}", "2 biases for 1 output channel", "give one bias"),
    ("layers:\n  - conv: {weights: [[1]], bias: {file: §no.npy}}", "cannot read 'no.npy'", "name a file"),
    ("layers:\n  - conv: {weights: [[1]], §seed: 1}", "conv has weights, and seed to make some", "remove seed"),
    ("layers:\n  - conv: {weights: [[1]], groups: §2}", "groups 2 need weights of output × input", "one plane"),
    ("layers:\n  - conv: {weights: [[[[1]]]], groups: §2}", "1 output channels cannot be split", "use a number"),
    ("layers:\n  - conv: {weights: [[1]], anchor: §0}", "conv: anchor 0 is not two whole numbers", "anchor is two"),
    ("layers:\n  - conv: {weights: [[1]], anchor: §[0, 1]}", "anchor [0, 1] lies outside a 1×1 kernel", "give a"),
    ("layers:\n  - conv: {weights: [[1]], padding: §some}", "conv: padding 'some' is not same, valid", "padding is"),
    ("layers:\n  - conv: {weights: [[1]], padding: §-1}", "conv: padding -1 is not same, valid, full", "padding"),
    ("layers:\n  - conv: {weights: [[1]], normalize: §max}", "conv: normalize 'max' is not one of none", "normal"),
    ("layers:\n  - conv: {weights: [[1]], divisor: §0}", "conv: divisor 0 is not a number other than 0", "divisor"),
    ("layers:\n  - conv: §{in_channels: 1}", "conv has no out_channels", "give weights: [[…]], or in_channels"),
    ("layers:\n  - §conv:", "conv has no weights", "give weights: [[…]], or in_channels"),
    ("layers:\n  - conv: {in_channels: §0}", "conv: in_channels 0 is not a whole number from 1", "in_channels is"),
    ("layers:\n  - conv: §[65535, 65535, 1023]", "conv with more than 8388608 weights", "use fewer channels"),
    ("layers:\n  - conv: [1, 1, 2, 2, §same]", "padding: same needs stride 1, as in", "give the padding"),
    ("layers:\n  - conv: {weights: [[1]], stride: [1, 2], padding: §same}", "padding: same needs stride 1", "give the"),
    ("layers:\n  - conv: {§in_channel: 1}", "conv has no parameter 'in_channel'", "did you mean in_channels?"),
    ("layers:\n  - kernel: §{stride: 2}", "kernel has no weights", "write kernel: {weights"),
    ("layers:\n  - kernel: [[1, 2], §[3]]", "row 2 has 1 number, row 1 has 2", "give every row"),
    ("layers:\n  - linear: §{}", "linear has neither weights nor out_features", "write linear"),
    ("layers:\n  - linear: {out_features: §0}", "linear: out_features 0 is not a whole number from 1", "out_f"),
    ("layers:\n  - linear: {out_features: 2, bias: §[1, 2]}", "bias: a list, and the weights are made", "write"),
    ("layers:\n  - linear: {weights: [[1, 2]], §seed: 1}", "linear has weights, and seed to make some", "remove"),
    ("layers:\n  - linear: {weights: [[1], §[2, 3]]}", "row 2 has 2 numbers, row 1 has 1", "give every row"),
    ("layers:\n  - linear: {weights: §[[[1]]]}", "weights of shape (1, 1, 1)", "give a row of finite numbers"),
    ("layers:\n  - linear: §{weights: [[1]], bias: [1, 2]}", "linear has 2 biases for 1 outputs", "give one per"),
    ("layers:\n  - linear: §{weights: [[1]], out_features: 2}", "linear has weights of shape (1, 1) for 2", "give"),
    # hostile
    ("layers: §&a [relu, *a]", "references (& and *) are not accepted", "write the value out"),
    (f"layers: [{{gaussian: {{sigma: §{'1' * 5000}}}}}]", "a number of 5000 digits", "write at most 400"),
    (f"layers: [{{gaussian: {{sigma: §{'1' * 400}}}}}]", "gaussian: sigma '1", "sigma is a number"),
    (f"layers: [{{gaussian: {{sigma: §'{'1' * 5000}'}}}}]", "gaussian: sigma '1", "sigma is a number"),
    ("layers:\n  - maximum: " + "[" * 29 + "§" + "[" * 11, "lists or mappings more than 32 deep", "weights are"),
    ("layers:\n  - relu\n  - relu: 1\n    §relu: 2", "key 'relu' stands twice", "the first is in line 3"),
    ("layers:\n§\t- relu", "a tab where YAML wants spaces", "indent with spaces"),
    ("layers: [" + "relu, " * 1000 + "§relu]", "a filter of more than 1000 layers", "apply it in two steps"),
    ("layers: [§'" + "relu | " * 1001 + "relu']", "1002 filters in one text", "join at most 1000"),
    ("layers: [" + "{conv: [2047, 4095, 1]}, " * 4 + "§{conv: [2047, 4095, 1]}]", "a filter of more than 33554432", ""),
    ("layers: [" + "gaussian:127, " * 32 + "§gaussian:127]", "a filter of more than 33554432", ""),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message", "hint"), WRONG, ids=[each[0][:70] for each in WRONG])
def test_what_is_wrong_and_where(tmp_path: Path, content: str, message: str, hint: str) -> None:
    before, after = content.split("§")
    begin = time.process_time()
    error = error_of(tmp_path, before + after)
    assert time.process_time() - begin < 30
    assert error.message.startswith(message)
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    assert str(error.place).endswith(f"f.yaml:{line}:{column}")
    assert error.hint.startswith(hint)
    assert (error.message + error.hint).isprintable()
    assert len(error.message) < 300


def test_a_text_in_a_file_is_shown_with_what_is_wrong_in_it(tmp_path: Path) -> None:
    error = error_of(tmp_path, "layers:\n  - gaussian: 2\n  - maximum: ['relu | sobl | abs']\n")
    assert str(error.place).endswith("f.yaml:3:15")
    assert error.excerpt.splitlines() == ["relu | sobl | abs", "       ^^^^"]


def test_the_error_of_a_file_within_names_that_file(tmp_path: Path) -> None:
    (tmp_path / "inner.yaml").write_text("layers:\n  - relu\n  - sobl\n")
    error = error_of(tmp_path, "layers: [abs, inner.yaml]")
    assert str(error.place) == f"{tmp_path / 'inner.yaml'}:3:5"


def test_a_file_cannot_name_itself(tmp_path: Path) -> None:
    error = error_of(tmp_path, "layers:\n  - relu\n  - f.yaml\n")
    assert error.message == "f.yaml names itself"
    assert str(error.place).endswith("f.yaml:3:5")


def test_files_cannot_name_each_other(tmp_path: Path) -> None:
    (tmp_path / "g.yaml").write_text("layers: [{maximum: [h.yaml]}]")
    (tmp_path / "h.yaml").write_text("layers: [f.yaml: {border: wrap}]")
    error = error_of(tmp_path, "layers: [g.yaml]")
    assert error.message == "filters that name each other: f.yaml → g.yaml → h.yaml → f.yaml"
    assert str(error.place) == f"{tmp_path / 'h.yaml'}:1:10"
    (tmp_path / "h.yaml").write_text("weights: [[1]]")
    check_file(tmp_path / "f.yaml")


def test_files_name_each_other_only_so_deep(tmp_path: Path) -> None:
    for number in range(25):
        (tmp_path / f"{number}.yaml").write_text(f"layers: [{number + 1}.yaml]")
    (tmp_path / "25.yaml").write_text("layers: [relu]")
    assert check_file(tmp_path / "6.yaml").layers == (ReLU(),)
    with pytest.raises(FilterError, match="more than 20 files that name each other"):
        check_file(tmp_path / "0.yaml")


@pytest.mark.no_cover
def test_files_that_multiply_are_read_once_and_refused(tmp_path: Path) -> None:
    for number in range(15):
        (tmp_path / f"{number}.yaml").write_text(f"layers: [{f'{number + 1}.yaml, ' * 9}]" + "#" * 500_000)
    (tmp_path / "15.yaml").write_text("layers: [relu]")
    begin = time.process_time()
    with pytest.raises(FilterError, match="a filter of more than 1000 layers"):
        check_file(tmp_path / "0.yaml")
    assert time.process_time() - begin < 60  # read 9 ** 15 times, it would not end
