"""Build the documentation as a site that needs no network: ``python docs/site/build_site.py [FOLDER]``.

The pages are those of the repository, at the same paths, so that links and pictures between them hold; and one more,
docs/pictures.md, with a photograph under every filter. MkDocs warns of links that lead nowhere, which ends the build.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from PIL import Image
from typer.main import get_command

from convcli.catalog import GROUPS, Entry, article_of, list_filters
from convcli.cli.application.app import app

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
COPIED = (
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/*.md", "benchmarks/README.md", "sample_images/README.md"),
    *("sample_images/digits/README.md", "docs/*.json", "docs/strips.jpg", "docs/detective/*.*", "docs/lessons/*.png"),
    "sample_images/*.jpg",
)
THUMB = (300, 200)  # of the photograph, width and height
QUALITY = 85
PHOTO = "sample_images/harbour.jpg"
BEFORE = "the photograph"


def build(target: Path) -> int:
    """Build the site into a folder, new or of an older site; return the exit code of MkDocs."""
    if target.exists() and any(target.iterdir()) and not (target / "404.html").exists():
        sys.exit(f"{target} holds other files than a site, which would be deleted")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        pages = folder / "pages"
        for pattern in COPIED:
            for path in CHECKOUT.glob(pattern):
                _copy(path, pages / path.relative_to(CHECKOUT))
        for name in ("site.css", "from_disk.js"):
            shutil.copy(HERE / name, pages / "docs")
        shutil.copytree(HERE / "theme", folder / "theme")
        (pages / "docs" / "pictures.md").write_text(_pictures(pages / "docs" / "filters"), encoding="utf-8")
        shutil.copy(HERE / "mkdocs.yml", folder)
        words = ["build", "--strict", "--config-file", str(folder / "mkdocs.yml"), "--site-dir", str(target.absolute())]
        environment = {**os.environ, "PYTHONPATH": str(HERE)}  # where MkDocs finds `anchor`
        code = subprocess.run([sys.executable, "-m", "mkdocs", *words], env=environment, check=False).returncode
    if not code:
        index = (target / "search" / "search_index.json").read_text(encoding="utf-8")
        (target / "search" / "search_index.js").write_text(f"const searchIndex = {index};\n", encoding="utf-8")
    return code


def anchor(heading: str, separator: str) -> str:
    """Return the anchor of a heading; it begins with a letter, as the theme's table of contents needs."""
    from markdown.extensions.toc import slugify

    name: str = slugify(heading, separator)
    return f"part{separator}{name}" if name[:1].isdigit() else name


def _copy(path: Path, copy: Path) -> None:
    """Copy a file; of a page, write what MkDocs reads otherwise than GitHub."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix != ".md":
        shutil.copy(path, copy)
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    # In a table MkDocs takes a bar in code for what it is.
    lines = [re.sub("`.*?`", _without_backslashes, each) if each.startswith("|") else each for each in lines]
    # A folder has no page of its own.
    text = re.sub(r"\]\(([\w./]+)/\)", r"](\1/README.md)", "\n".join(lines))
    copy.write_text(f"{text}\n", encoding="utf-8")


def _without_backslashes(code: re.Match[str]) -> str:
    return code[0].replace("\\|", "|")


def _pictures(folder: Path) -> str:
    """Return the page of all filters, and draw its pictures into a folder."""
    folder.mkdir()
    with Image.open(CHECKOUT / PHOTO) as photo:
        photo.resize(THUMB, Image.Resampling.LANCZOS).save(folder / "photo.png")
    lines = ["# Every filter in pictures", "", f"Left {BEFORE}, right what the command below makes of it."]
    entries = sorted(list_filters(builtin=True), key=lambda each: GROUPS.index(each.group))
    for group, members in groupby(entries, key=lambda each: each.group):
        lines += ["", f"## {group.capitalize()}"]
        for entry in members:
            lines += ["", *_section(entry, folder)]
    return "\n".join([*lines, ""])


def _section(entry: Entry, folder: Path) -> Iterator[str]:
    """Yield the lines on a filter, with the first of the commands that its help shows."""
    article = article_of(entry.name)
    assert article is not None
    text, *options = article.uses[0].split(" --")
    yield from (f"### {entry.name}", "", f"{entry.description}.", "")
    if text.endswith(".yaml"):
        yield "It is a part of a network, which is written in a YAML file."
        return
    output = f"{entry.name.replace(':', '-')}.jpg"
    words = [text, *(word for each in options for word in f"--{each}".split())]
    files = [str(folder / "photo.png"), "-o", str(folder / output), "--quality", str(QUALITY)]
    code = get_command(app).main(["-q", "apply", *words, *files], standalone_mode=False)
    if code:
        sys.exit(code)
    yield from (f"![{BEFORE}](filters/photo.png) ![{entry.name}](filters/{output})", "")
    shown = (f'"{each}"' if " " in each else each for each in words)
    yield f"    convcli apply {' '.join(shown)} photo.jpg -o out.jpg"


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1] if len(sys.argv) > 1 else "out/site")))
