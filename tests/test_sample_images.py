import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence
from ruamel.yaml import YAML

from tests.support.paths import SAMPLES

FILES = sorted(path for path in SAMPLES.iterdir() if path.is_file() and path.suffix not in {".py", ".md"})
COUNTING = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
K = np.array([[[0, 1], [2, 3]], [[1, 2], [3, 4]]])


def make(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SAMPLES / "make.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def pixels(name: str) -> np.ndarray:
    with Image.open(SAMPLES / name) as picture:
        return np.asarray(picture)


def csv(name: str) -> np.ndarray:
    return np.loadtxt(SAMPLES / name, delimiter=",", dtype=np.int64)


def weights(name: str) -> np.ndarray:
    return np.array(YAML(typ="safe").load(SAMPLES / name)["weights"])


def correlated(x: np.ndarray, w: np.ndarray) -> list[list[list[int]]]:
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(1, 2))
    result: list[list[list[int]]] = np.einsum("cyxij,ocij->oyx", windows, w).tolist()
    return result


@pytest.mark.slow
def test_they_are_what_the_script_makes() -> None:
    checked = make("--check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert len(checked.stdout.splitlines()) == len(FILES)


def test_a_spoiled_and_a_missing_file_are_found_and_mended(tmp_path: Path) -> None:
    spoiled = np.array(pixels("logo.png"))
    spoiled[256, 256, 0] ^= 1
    Image.fromarray(spoiled).save(tmp_path / "logo.png")
    shutil.copy(SAMPLES / "edges.csv", tmp_path)
    (tmp_path / "beacon.gif").write_bytes(b"no picture")
    some = ("logo.png", "edges.csv", "beacon.gif", "counting.csv")

    checked = make("--check", "--folder", tmp_path, *some)
    assert checked.returncode == 1
    assert [line.split(": ")[1][:14] for line in checked.stdout.splitlines()] == [
        "values differ ",
        "as it should b",
        "cannot be read",
        "missing",
    ]
    assert make("--folder", tmp_path, *some).returncode == 0
    assert make("--check", "--folder", tmp_path, *some).returncode == 0


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    assert make("--check", "--folder", folder, "edges.csv").returncode == 1
    assert make("--folder", folder, "edges.csv").returncode == 0
    assert (folder / "edges.csv").read_bytes() == (SAMPLES / "edges.csv").read_bytes()


def test_together_they_are_small() -> None:
    assert sum(path.stat().st_size for path in FILES) < 1_000_000
    assert (SAMPLES / "harbour.jpg").stat().st_size < 350_000


def test_the_readme_names_every_file() -> None:
    text = (SAMPLES / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in FILES if f"| `{path.name}` |" not in text] == []


@pytest.mark.parametrize(
    ("name", "mode", "size"),
    [
        ("harbour.jpg", "RGB", (1200, 800)),
        ("lighthouse-gray.png", "L", (512, 512)),
        ("logo.png", "RGBA", (512, 512)),
        ("gradient16.png", "I;16", (512, 256)),
        ("beacon.gif", "P", (128, 128)),
    ],
)
def test_each_picture_has_its_mode_and_size(name: str, mode: str, size: tuple[int, int]) -> None:
    with Image.open(SAMPLES / name) as picture:
        assert (picture.mode, picture.size) == (mode, size)


def test_the_harbour_uses_the_whole_range_and_says_whose_it_is() -> None:
    harbour = pixels("harbour.jpg")
    assert harbour.min() < 8
    assert harbour.max() > 247
    with Image.open(SAMPLES / "harbour.jpg") as picture:
        assert picture.getexif()[0x8298] == "CC0 1.0"


def test_the_logo_hides_magenta_under_its_transparent_pixels_only() -> None:
    logo = pixels("logo.png")
    alpha = logo[..., 3]
    magenta = (logo[..., :3] == (255, 0, 255)).all(axis=-1)
    assert (magenta == (alpha == 0)).all()
    assert np.unique(alpha).size > 200
    assert (alpha == 0).mean() > 0.1
    assert (alpha == 255).mean() > 0.1


def test_the_gradients_need_sixteen_bits() -> None:
    gradient = pixels("gradient16.png")
    assert gradient.dtype == np.uint16
    assert (gradient.min(), gradient.max()) == (0, 65535)
    for band, levels in ((1, 256), (2, 32), (3, 2)):
        faint = gradient[64 * band : 64 * (band + 1), :256]
        assert np.unique(faint).size == levels
        assert np.unique(faint // 257).size <= 5


def test_the_beacon_moves_and_has_a_transparent_rim() -> None:
    with Image.open(SAMPLES / "beacon.gif") as picture:
        assert picture.info["loop"] == 0
        frames = [(frame.info["duration"], frame.convert("RGBA")) for frame in ImageSequence.Iterator(picture)]
    assert [duration for duration, _ in frames] == [120] * 8
    arrays = [np.asarray(frame) for _, frame in frames]
    assert len({each.tobytes() for each in arrays}) == 8
    for each in arrays:
        assert each[0, 0, 3] == 0
        assert each[64, 64, 3] == 255
        assert np.unique(each[each[..., 3] > 0], axis=0).shape[0] <= 15


def test_the_lessons_arrays_hold_their_numbers() -> None:
    assert csv("counting.csv").tolist() == COUNTING
    edges = csv("edges.csv")
    assert edges.tolist() == [[1, 1, 0, 0, 0, 0, 1, 1]] * 6
    assert (edges[:, :-1] - edges[:, 1:]).tolist() == [[0, 1, 0, 0, 0, -1, 0]] * 6
    assert csv("edges-transposed.csv").tolist() == edges.T.tolist()
    two = np.load(SAMPLES / "two-channels.npy")
    assert two.dtype == np.int64
    assert two.tolist() == [COUNTING, [[1, 2, 3], [4, 5, 6], [7, 8, 9]]]


def test_the_kernels_of_several_channels_hold_their_numbers() -> None:
    assert weights("kernel-2to1.yaml").tolist() == [K.tolist()]
    assert weights("kernel-2to3.yaml").tolist() == [K.tolist(), (K + 1).tolist(), (K + 2).tolist()]
    two = np.load(SAMPLES / "two-channels.npy")
    assert correlated(two, weights("kernel-2to1.yaml")) == [[[56, 72], [104, 120]]]
    assert correlated(two, weights("kernel-2to3.yaml")) == [
        [[56, 72], [104, 120]],
        [[76, 100], [148, 172]],
        [[96, 128], [192, 224]],
    ]
