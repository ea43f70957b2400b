"""L7: several input channels, their products summed."""

from __future__ import annotations

from pathlib import Path

from tests.lessons.lesson import printed, shell


def test_two_channels_into_one() -> None:
    assert printed("convcli apply kernel-2to1.yaml two-channels.npy -o -") == "56,72\n104,120\n"


def test_a_kernel_with_another_number_of_channels_is_a_clear_error(tmp_path: Path) -> None:
    answer = shell(f"convcli apply kernel-2to1.yaml counting.csv -o {tmp_path}/y.npy")
    assert answer.returncode != 0
    assert answer.stdout == ""
    first, second = answer.stderr.splitlines()
    assert first == "error: the kernel takes 2 input channels, the input has 1"
    assert second.startswith("help: ")
    assert not list(tmp_path.iterdir())


def test_one_plane_filters_each_channel_by_itself() -> None:
    text = printed('convcli apply "0 1; 2 3" two-channels.npy -o - --padding valid')
    assert text == "19,25\n37,43\n\n25,31\n43,49\n"
