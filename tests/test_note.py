"""The page for scripts has the code of every note, and a note stays one on its way between processes."""

import ast
import pickle
from collections.abc import Iterator
from pathlib import Path

from convcli.note import Note

HOUSE = Path(__file__).parents[1]


def test_a_note_is_a_text_that_keeps_its_code() -> None:
    note = Note("clipped", "much was clipped")
    again = pickle.loads(pickle.dumps(note.after("page 2: ")))
    assert (again.code, again) == ("clipped", "page 2: much was clipped")
    assert note == "much was clipped"


def codes() -> Iterator[str]:
    """Yield the codes of all notes in the package, those of the three kinds of metadata spelled out."""
    for file in (HOUSE / "convcli").rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Note":
                code = call.args[0]
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    yield code.value
                else:
                    assert file.name in ("note.py", "cut_off.py", "carried_metadata.py", "mended.py", "progress.py"), (
                        file
                    )


def test_the_page_lists_every_code_and_no_other() -> None:
    rows = (HOUSE / "docs/scripts.md").read_text(encoding="utf-8").partition("| code |")[2].splitlines()[2:]
    listed = [code.strip("` ") for row in rows if row for code in row.split("|")[1].split(",")]
    assert sorted({*codes(), "damaged", "exif-left-out", "xmp-left-out"}) == sorted(listed)
