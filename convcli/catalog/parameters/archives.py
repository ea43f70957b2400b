"""Arrays in ``.npz`` files, as NumPy's savez writes them, of any origin."""

from __future__ import annotations

import io
import zipfile
import zlib

from convcli.catalog.words.problem import Problem
from convcli.filters import shown

_ERRORS = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)
_AS_NUMPY = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_HINT = "write it with numpy.savez"


def member(data: bytes, name: str, array: object, most_bytes: int) -> bytes:
    """Return the bytes of an array in the file `name`, whose bytes are `data`.

    Raises Problem where the file is no archive, has no such array, or one of more than `most_bytes`.
    """
    if not isinstance(array, str):
        raise Problem((), f"array: {shown(array)} is no name", 'write array: "1", a name in quotes')
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if f"{array}.npy" not in names:
                known = ", ".join(shown(each.removesuffix(".npy")) for each in sorted(names)[:8])
                raise Problem((), f"{shown(name)} has no array {shown(array)}", f"it has {known or 'none'}")
            if archive.getinfo(f"{array}.npy").compress_type not in _AS_NUMPY:
                raise Problem((), f"{shown(array)} in {shown(name)} is packed in another way than NumPy's", _HINT)
            # The size that the header states is the most that zipfile inflates.
            if archive.getinfo(f"{array}.npy").file_size > most_bytes:
                raise Problem((), f"{shown(array)} in {shown(name)} is too large", "use a smaller kernel")
            return archive.read(f"{array}.npy")
    except _ERRORS as error:
        raise Problem((), f"{shown(name)} is no file of arrays", _HINT) from error
