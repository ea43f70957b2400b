from __future__ import annotations

import io
import pkgutil
import subprocess
import sys

import numpy as np
import pytest

from convcli.image import FORMATS, Format, Picture, codecs, format_named, read_picture, write_picture
from convcli.image.animation import Animation
from convcli.image.codec import Codec, codec_of
from convcli.image.formats import identify

VALUES = np.arange(4 * 6, dtype=np.uint8).reshape(4, 6, 1)


def test_every_module_of_a_codec_has_a_row() -> None:
    modules = {each.name for each in pkgutil.iter_modules(codecs.__path__)}
    assert modules == {each.codec or each.name for each in FORMATS}


@pytest.mark.parametrize(
    "form", [each for each in FORMATS if each.written and not each.chunked], ids=lambda form: form.name
)
def test_what_a_codec_writes_is_identified_and_read_by_it(form: Format) -> None:
    stream = io.BytesIO()
    values = VALUES if form.whole_numbers else VALUES.astype(np.float32)
    picture = Picture((values,))
    if form.name == "video":
        pytest.importorskip("av", reason="PyAV comes with the extra [video]")
        picture = Picture((values, values), animation=Animation((40, 40)))
    write_picture(picture, stream, form)
    found = identify(stream.getvalue())
    assert found is not None
    assert type(codec_of(found)) is type(codec_of(form))
    read = read_picture(io.BytesIO(stream.getvalue()))
    assert (read.format, read.size) == (found, (4, 6))


@pytest.mark.parametrize("name", [each.name for each in FORMATS])
def test_a_codec_is_imported_alone(name: str) -> None:
    module = format_named(name).codec or name
    code = (
        "import sys; from convcli.image import format_named; from convcli.image.codec import codec_of;"
        f"codec_of(format_named('{name}'));"
        "print({each.split('.')[3] for each in sys.modules if each.startswith('convcli.image.codecs.')})"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == str({module})


def test_a_codec_that_does_not_write_is_none() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Codec(FORMATS[0])  # type: ignore[abstract]
