"""A place for one's own filters: folders before the built-ins, and files in them that are none."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from convcli.catalog import check_file, filter_folders, filter_names, folders, list_filters, load_filter
from convcli.catalog.listing import Entry
from convcli.errors import FilterError
from convcli.filters import ReLU

BROKEN = "weights: [[1, x]]\naliases: [mine]\n"


def write(folder: Path, name: str, content: str = "weights: [[1, 2]]\n") -> Path:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(content, encoding="utf-8")
    return file


def entry_of(name: str) -> Entry:
    (entry,) = (entry for entry in list_filters() if entry.name == name)
    return entry


def weights_of(text: str) -> object:
    conv = load_filter(text).conv
    assert conv is not None
    return conv.kernel.weights.tolist()


def test_the_folders_are_those_of_the_variable_and_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    own = folders.user_folder()
    monkeypatch.delenv("CONVCLI_PATH", raising=False)
    assert filter_folders() == [own]
    monkeypatch.setenv("CONVCLI_PATH", os.pathsep.join(["/a", "", "~/b", " "]))
    assert filter_folders() == [Path("/a"), Path("~/b").expanduser(), own]
    monkeypatch.setenv("CONVCLI_PATH", "~no-such-user-here/b")
    assert filter_folders() == [Path("~no-such-user-here/b"), own]
    assert "sharpen" in filter_names()


def test_the_users_own_folder_is_where_settings_are_kept() -> None:
    script = "from convcli.catalog import filter_folders; print(filter_folders()[-1])"
    environment = {**os.environ, "XDG_CONFIG_HOME": "/some/where", "CONVCLI_PATH": ""}
    done = subprocess.run([sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True)
    folder = Path(done.stdout.strip())
    assert folder.name == "filters"
    assert folder.parent.name == "convcli"
    if sys.platform.startswith("linux"):
        assert folder == Path("/some/where/convcli/filters")


def test_a_file_is_a_filter_by_its_name(my_folder: Path) -> None:
    write(
        my_folder, "My_Own.yaml", "weights: [[1, 2]]\ndescription: Mine\naliases: [Other_Name]\ntags: [t]\nsource: me\n"
    )
    assert weights_of("my-own") == weights_of("My_Own") == weights_of("other-name") == [[1, 2]]
    assert weights_of("my-own:divisor=2") == [[1, 2]]
    assert "my-own" in filter_names()
    assert entry_of("my-own") == Entry("my-own", "", "Mine", ("Other_Name",), ("t",), str(my_folder), "me")


def test_a_folder_below_is_part_of_the_name(my_folder: Path) -> None:
    write(my_folder, "lab/first.yml", "layers: [relu]")
    write(my_folder, "lab/deeper/second.yml")
    assert load_filter("lab:first | LAB:First").layers == (ReLU(), ReLU())
    assert "lab:first" in filter_names()
    assert not [name for name in filter_names() if "second" in name]


def test_a_file_of_the_users_comes_before_a_built_in(my_folder: Path) -> None:
    for name in ("sharpen", "gaussian", "pillow/blur"):
        write(my_folder, f"{name}.yaml")
    write(my_folder, "other.yaml", "weights: [[3]]\naliases: [sobel-x, usm, bgr, fresh]\n")
    assert weights_of("sharpen") == weights_of("gaussian") == weights_of("pillow:blur") == [[1, 2]]
    assert weights_of("gauss:1") != [[1, 2]]
    # An alias of the user's comes before those of the built-ins, and after their names.
    assert weights_of("usm") == weights_of("bgr") == weights_of("fresh") == [[3]]
    assert weights_of("sobel-x") == [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    assert filter_names().count("sharpen") == 1
    assert (entry_of("sharpen").origin, entry_of("sharpen").hides) == (str(my_folder), True)
    assert (entry_of("gaussian").hides, entry_of("other").hides) == (True, False)
    assert entry_of("sharpen8").origin == "built-in"
    assert {entry.origin for entry in list_filters(builtin=True)} == {"built-in"}
    assert "sharpen" in {entry.name for entry in list_filters("sharp", builtin=True)}


def test_a_built_in_is_made_of_built_ins(my_folder: Path) -> None:
    before = load_filter("sobel").layers[0].parameters((1, 3, 3))
    write(my_folder, "sobel-x.yaml")
    assert load_filter("sobel").layers[0].parameters((1, 3, 3)) == before
    write(my_folder, "mine.yaml", "layers: [sobel-x]")
    assert weights_of("mine") == [[1, 2]]


def test_the_first_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (1, 2, 3):
        write(tmp_path / str(number), f"only{number}.yaml", f"weights: [[{number}]]")
        write(tmp_path / str(number), "all.yaml", f"weights: [[{number}]]")
    monkeypatch.setenv("CONVCLI_PATH", os.pathsep.join(str(tmp_path / each) for each in ("2", "none", "1")))
    monkeypatch.setattr(folders, "user_folder", lambda: tmp_path / "3")
    assert weights_of("all") == [[2]]
    assert weights_of("only3") == [[3]]
    assert entry_of("all").origin == str(tmp_path / "2")


def test_yaml_comes_before_yml(my_folder: Path) -> None:
    write(my_folder, "both.yml", "weights: [[1]]")
    write(my_folder, "both.yaml", "weights: [[2]]")
    assert weights_of("both") == [[2]]


@pytest.mark.parametrize("content", [BROKEN, "layers: [sobl]", "aliases: [mine", "\0", "", "- 1", "aliases: {mine: 1}"])
def test_a_broken_file_is_listed_and_harms_no_other(my_folder: Path, content: str) -> None:
    file = write(my_folder, "broken.yaml", content)
    write(my_folder, "good.yaml", "weights: [[7]]\naliases: [mine]\n")
    entry = entry_of("broken")
    assert entry.problem.startswith(str(file))
    assert entry.origin == str(my_folder)
    assert {entry.problem for entry in list_filters() if entry.name != "broken"} == {""}
    assert weights_of("good") == [[7]]
    assert load_filter("gauss | edge | normalize").layers
    with pytest.raises(FilterError, match="unknown filter"):
        load_filter("no-such-filter")
    with pytest.raises(FilterError) as caught:
        load_filter("broken")
    assert caught.value.headline == entry.problem
    with pytest.raises(FilterError) as caught:
        check_file(file)
    assert caught.value.headline == entry.problem
    if content != BROKEN:  # that one has the alias, and is wrong elsewhere
        assert weights_of("mine") == [[7]]


def test_what_cannot_be_read_is_a_broken_file(my_folder: Path) -> None:
    (my_folder / "folder.yaml").mkdir()
    (my_folder / "gone.yaml").symlink_to(my_folder / "nowhere.yaml")
    write(my_folder, "large.yaml", "#" * 2**21)
    for name in ("folder", "gone", "large"):
        assert entry_of(name).problem
    assert weights_of("usm:divisor=1")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_nobody_waits_for_a_pipe(my_folder: Path) -> None:
    os.mkfifo(my_folder / "pipe.yaml")
    assert weights_of("bgr")
    assert "pipe" not in filter_names()


def test_a_file_that_cannot_be_looked_at_is_a_broken_file(my_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(my_folder, "closed.yaml")

    def closing(original: Callable[..., Any]) -> Callable[..., Any]:
        def closed(path: Path, *arguments: Any) -> Any:
            if path == file:
                raise PermissionError(errno.EACCES, "Permission denied")
            return original(path, *arguments)

        return closed

    for name in ("is_fifo", "open"):
        monkeypatch.setattr(Path, name, closing(getattr(Path, name)))
    assert weights_of("bgr")
    assert entry_of("closed").problem == f"cannot read {file}: Permission denied"


@pytest.mark.parametrize("name", ["relu", "conv", "ReLU"])
def test_a_layer_keeps_its_name(my_folder: Path, name: str) -> None:
    write(my_folder, f"{name}.yaml")
    problems = [entry.problem for entry in list_filters() if entry.name == name.lower()]
    assert sorted(problems) == ["", f"{name.lower()} is the name of a layer: rename {name}.yaml"]
    assert load_filter("relu").layers == (ReLU(),)
    assert weights_of(f"{my_folder}/{name}.yaml") == [[1, 2]]


@pytest.mark.parametrize("name", ["3", "a|b", "1 2", "gaussian:", "x;y", "relu:x", "ab:c=d", "-1"])
def test_a_name_that_no_text_can_name_is_listed_as_such(my_folder: Path, name: str) -> None:
    write(my_folder, f"{name}.yaml")
    (problem,) = (entry.problem for entry in list_filters() if entry.origin == str(my_folder))
    assert problem == f"no text can name it: rename {name}.yaml"
    assert not set(filter_names()) & {name, name.lower()}


def test_filters_of_the_users_cannot_name_each_other(my_folder: Path) -> None:
    write(my_folder, "one.yaml", "layers: [relu, two]")
    write(my_folder, "two.yaml", "layers:\n  - three\naliases: [zwei]\n")
    write(my_folder, "three.yaml", "layers: [{maximum: [relu, one]}]")
    with pytest.raises(FilterError) as caught:
        load_filter("one")
    assert caught.value.message == "filters that name each other: one.yaml → two.yaml → three.yaml → one.yaml"
    assert str(caught.value.place) == f"{my_folder / 'three.yaml'}:1:27"
    write(my_folder, "self.yaml", "layers: [relu, me]\naliases: [me]")
    with pytest.raises(FilterError, match=r"self\.yaml:1:16: self\.yaml names itself"):
        load_filter("me")
    write(my_folder, "sobel.yaml", "layers: [sobel]")
    with pytest.raises(FilterError, match=r"sobel\.yaml names itself"):
        load_filter("sobel")
    assert len([entry for entry in list_filters() if entry.problem]) == 5


def test_names_are_known_without_what_is_heavy(my_folder: Path) -> None:
    write(my_folder, "mine.yaml", BROKEN)
    script = (
        "import sys, convcli.catalog as c; names = c.filter_names();"
        "assert {'mine', 'relu', 'sharpen', 'pillow:blur'} <= set(names); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert not {"numpy", "ruamel", "pydantic", "numba", "PIL"} & set(done.stdout.split())


def test_other_filters_do_not_read_the_users_files(my_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(my_folder, "mine.yaml", BROKEN)

    def no_reading(path: Path, *arguments: Any) -> object:
        assert path != file
        return original(path, *arguments)

    original = Path.open
    monkeypatch.setattr(Path, "open", no_reading)
    assert load_filter("sharpen | gaussian:2 | sobel | relu | pillow:blur").layers
