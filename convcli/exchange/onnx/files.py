"""ONNX files: bytes become a graph, with all weights in it or beside it, in bounded memory."""

from __future__ import annotations

import math
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from convcli.errors import FilterError, printable
from convcli.exchange.files import bounded_bytes, floats_of_bfloat16
from convcli.exchange.onnx.limits import LARGEST_FILE, MOST_AXES, MOST_NUMBERS
from convcli.exchange.onnx.refusal import Refusal
from convcli.exchange.onnx.values import Constant
from convcli.filters import shown

if TYPE_CHECKING:
    from onnx import ModelProto, TensorProto

_EXTERNAL = 1  # TensorProto.EXTERNAL
_DAMAGED = "copy the file again, or export it again"


def read_model(file: str) -> ModelProto:
    """Return the model in a file; raise FilterError where it cannot be read, or the library is missing."""
    data = bounded_bytes(file, LARGEST_FILE, "network")
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError:
        raise FilterError(
            f"{printable(file)} needs the library onnx, which is not installed", "pip install 'convcli[onnx]'"
        ) from None
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except (DecodeError, RuntimeError, ValueError) as error:
        raise FilterError(f"{printable(file)} is no ONNX file, or a damaged one", _DAMAGED) from error
    if not model.HasField("graph") or not model.graph.output:
        raise FilterError(f"{printable(file)} is no ONNX file, or a damaged one", _DAMAGED)
    return model


class Tensors:
    """Reads the tensors of a model, those beside it too, and counts them against the bounds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._left = LARGEST_FILE  # bytes

    def array(self, tensor: TensorProto) -> Constant:
        """Return a tensor as an array; raise Refusal where it is too large, or its numbers are missing."""
        shape = tuple(tensor.dims)
        if len(shape) > MOST_AXES or any(length < 0 for length in shape) or math.prod(shape) > MOST_NUMBERS:
            raise Refusal(f"a tensor of shape {_short(shape)}", f"a network has at most {MOST_NUMBERS} numbers here")
        if tensor.data_type not in _KINDS:
            raise Refusal(f"a tensor of type {tensor.data_type}", "numbers are floats or whole numbers of 8 to 64 bits")
        from onnx import numpy_helper

        if tensor.data_location == _EXTERNAL:
            return self._beside(tensor, shape)
        try:
            array: Constant = numpy_helper.to_array(tensor)
        except (ValueError, TypeError, IndexError, OverflowError) as error:
            raise Refusal(f"a tensor of shape {_short(shape)} whose numbers are missing", _DAMAGED) from error
        self._count(array.nbytes)
        return _plain(array)

    def _count(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise Refusal(f"more than {LARGEST_FILE >> 20} MiB of weights", "use a smaller network")

    def _beside(self, tensor: TensorProto, shape: tuple[int, ...]) -> Constant:
        """Return a tensor whose numbers lie in another file, in the folder of the model or below it."""
        entries = {entry.key: entry.value for entry in tensor.external_data}
        location = entries.get("location", "")
        path = _inside(location, self._folder)
        kind = np.dtype(_KINDS[tensor.data_type]).newbyteorder("<")
        size = math.prod(shape) * kind.itemsize
        self._count(size)
        try:
            offset, length = (int(entries.get(key) or default) for key, default in (("offset", 0), ("length", size)))
        except ValueError as error:
            raise Refusal(f"no place in {shown(location)}", _DAMAGED) from error
        if offset < 0 or length != size or offset >= 2**62:
            raise Refusal(f"{length} bytes in {shown(location)} for a tensor of {size}", _DAMAGED)
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                raise Refusal(f"{shown(location)} is no plain file", "put the file with the weights beside the model")
            with path.open("rb") as stream:
                stream.seek(offset)
                data = stream.read(size)
        except OSError as error:
            hint = "put the file with the weights beside the model, by that name"
            raise Refusal(f"cannot read the weights in {shown(location)}: {error.strerror}", hint) from error
        if len(data) < size:
            raise Refusal(f"{shown(location)} ends before the weights do", _DAMAGED)
        numbers = floats_of_bfloat16(data) if tensor.data_type == _BFLOAT16 else np.frombuffer(data, kind)
        return _plain(numbers.reshape(shape))


_BFLOAT16 = 16
# NumPy's types by the numbers of ONNX's; of bfloat16 the bits.
_KINDS = {
    1: "f4",
    2: "u1",
    3: "i1",
    4: "u2",
    5: "i2",
    6: "i4",
    7: "i8",
    9: "u1",
    10: "f2",
    11: "f8",
    12: "u4",
    13: "u8",
    _BFLOAT16: "u2",
}


def _plain(array: Constant) -> Constant:
    """Return an array of NumPy's own types."""
    return array if array.dtype.kind in "iufb" else array.astype(np.float32)


def _inside(location: str, folder: Path) -> Path:
    """Return the path of a file that a model names; raise Refusal where it lies outside of its folder."""
    hint = "put the file with the weights beside the model"
    try:
        root = folder.resolve()
        target = (root / location).resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise Refusal(f"no file name: {shown(location)}", hint) from error
    if not location or Path(location).is_absolute() or not target.is_relative_to(root) or target == root:
        raise Refusal(f"weights in {shown(location)}, outside the folder of the model", hint)
    return target


def _short(shape: tuple[int, ...]) -> str:
    text = "×".join(map(str, shape[: MOST_AXES + 1]))
    return text + ("×…" if len(shape) > MOST_AXES + 1 else "")
