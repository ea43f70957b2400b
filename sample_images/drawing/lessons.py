"""The arrays of the lessons on convolution, and the kernels with several channels."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Integers: TypeAlias = npt.NDArray[np.int64]

COUNTING: Integers = np.arange(9, dtype=np.int64).reshape(3, 3)
TWO_CHANNELS: Integers = np.stack([COUNTING, COUNTING + 1])
TWO_TO_ONE: Integers = np.array([[[[0, 1], [2, 3]], [[1, 2], [3, 4]]]], dtype=np.int64)
TWO_TO_THREE: Integers = np.concatenate([TWO_TO_ONE, TWO_TO_ONE + 1, TWO_TO_ONE + 2])


def edges() -> Integers:
    """Make a white picture of 6 × 8 with a black band in columns 2 to 5."""
    picture = np.ones((6, 8), dtype=np.int64)
    picture[:, 2:6] = 0
    return picture


def edge_map() -> Integers:
    """Make what the kernel 1 -1 makes of that picture: 1 from white to black, −1 back."""
    picture = edges()
    return picture[:, :-1] - picture[:, 1:]


def as_csv(array: Integers) -> str:
    """Write an array as rows of integers separated by commas."""
    return "".join(",".join(map(str, row)) + "\n" for row in array.tolist())


def as_filter(name: str, description: str, weights: Integers) -> str:
    """Write a kernel as a filter file: output channels × input channels × height × width."""
    rows = "".join(f"  - {planes}\n" for planes in weights.tolist())
    return (
        f"name: {name}\n"
        f"description: {description}\n"
        "padding: valid\n"
        "weights:  # one line per output channel: input channels × height × width\n"
        f"{rows}"
    )
