"""Write the pages that are made from the code: ``python docs/generate.py [--check]``.

cli.md is what the commands say of themselves, filters.md is what the catalog holds. With --check nothing is
written, and a page that is not current is named. ``--pictures`` draws the picture of the
README anew, from the sample pictures.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer

from convcli.catalog import Entry, list_filters
from convcli.cli import app

DOCS = Path(__file__).parent
SAMPLES = DOCS.parent / "sample_images"

# Typer's own options: their texts are its release's, not ours.
COMPLETION = ("install_completion", "show_completion")

# What the README's picture shows, from left to right: a strip of the scene for each.
STRIPS = ("sharpen", "gaussian:5", "emboss-gray", "sobel-x --bias 50%", "outline")


INTRODUCTION = """\
# The command line

Made from the code by `python docs/generate.py`. `--install-completion` teaches the shell to complete.

Pictures, arrays and JSON go to stdout where they are asked for, all else to stderr.

| Exit code | |
|---|---|
| 0 | All good. |
| 1 | A file failed; the others were done. |
| 2 | Wrong usage, or a wrong filter or kernel file. |
| 130 | Interrupted. |
| 141 | Nobody reads stdout any more. |
"""


def command_page() -> str:
    """Return docs/cli.md: every command with its examples and options."""
    group: Any = typer.main.get_command(app)
    parts = [INTRODUCTION, _section("convcli", group)]
    parts += [_section(f"convcli {name}", command) for name, command in group.commands.items()]
    return "\n".join(parts)


def _section(title: str, command: Any) -> str:
    summary, _, examples = command.help.partition("\n\n\b\n")
    lines = [f"## {title}", "", summary, "", "```sh", examples.strip(), "```", ""]
    panels: dict[str, list[str]] = {}
    for parameter in command.params:
        if parameter.name in COMPLETION:
            continue
        panel = "Arguments" if parameter.param_type_name == "argument" else parameter.rich_help_panel or "Options"
        panels.setdefault(panel, []).append(f"| {_names(parameter)} | {_meaning(parameter)} |")
    for panel, rows in panels.items():
        lines += [f"| {panel} | |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def _names(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar.strip('[]')}`"
    names = " / ".join(parameter.opts + parameter.secondary_opts)
    value = f" {parameter.metavar}" if parameter.metavar else ""
    return f"`{names}{value}`".replace("|", "\\|")


def _meaning(parameter: Any) -> str:
    # Whatever has a default of its own text shows it; a flag that is off by default needs no word.
    default = parameter.show_default if isinstance(parameter.show_default, str) else parameter.default
    shown = default not in (None, False, True, "")
    meaning = str(parameter.help).replace("|", "\\|")
    return f"{meaning} Default: `{default}`." if shown else meaning


def filters_page() -> str:
    """Return docs/filters.md: every filter and every layer that has a name."""
    entries = list_filters(builtin=True)
    lines = [
        "# The filters and the layers",
        "",
        "Made from the catalog by `python docs/generate.py`. `convcli show NAME` prints the weights.",
        "",
        "A name takes what stands in brackets: `gaussian:2`, `gaussian:sigma=2,size=9`; and any filter of one kernel",
        "takes `divisor`, `bias`, `flip`, `normalize`, `stride`, `padding`, `dilation` and `border` by name. Bars join",
        'filters and layers: `"gaussian:1.4 | sobel | normalize"`. Matrices are correlated as they are written.',
        "",
        "## Filters",
        "",
        *_rows(entry for entry in entries if "layer" not in entry.tags),
        "",
        "## Layers",
        "",
        "`conv`, `kernel` and `linear` take their numbers in a YAML file, under `layers:`.",
        "",
        *_rows(entry for entry in entries if "layer" in entry.tags),
    ]
    return "\n".join(lines) + "\n"


def _rows(entries: Iterable[Entry]) -> list[str]:
    rows = ["| name | what it does | also called | source |", "|---|---|---|---|"]
    for entry in entries:
        name = f"`{entry.name}`" + (f" ({entry.parameters})" if entry.parameters else "")
        aliases = ", ".join(f"`{alias}`" for alias in entry.aliases)
        rows.append(f"| {name} | {entry.description} | {aliases} | {entry.source} |")
    return rows


def draw_strips(target: Path) -> None:
    """Draw the README's picture: the harbour in strips, each filtered by the command line, with its name below."""
    from PIL import Image, ImageDraw, ImageFont

    with Image.open(SAMPLES / "harbour.jpg") as scene:
        canvas = Image.new("RGB", (scene.width, scene.height + 40), "white")
    width = canvas.width // len(STRIPS)
    draw = ImageDraw.Draw(canvas)
    with tempfile.TemporaryDirectory() as folder:
        for index, words in enumerate(STRIPS):
            output = Path(folder, f"{index}.png")
            command = [sys.executable, "-m", "convcli", "-q", "apply", *words.split(), str(SAMPLES / "harbour.jpg")]
            subprocess.run([*command, "-o", str(output)], check=True)
            left = index * width
            with Image.open(output) as filtered:
                canvas.paste(filtered.crop((left, 0, left + width, filtered.height)), (left, 0))
            font = ImageFont.load_default(18)
            draw.text((left + width // 2, canvas.height - 20), words, fill="black", font=font, anchor="mm")
            if index:
                draw.line((left, 0, left, canvas.height - 41), fill="white", width=2)
    canvas.save(target, quality=88)


def main(arguments: list[str]) -> int:
    """Write the pages, or say which are not current."""
    if "--pictures" in arguments:
        draw_strips(DOCS / "strips.jpg")
    stale = []
    for name, text in (("cli.md", command_page()), ("filters.md", filters_page())):
        page = DOCS / name
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in arguments:
                page.write_text(text, encoding="utf-8", newline="\n")
    if stale:
        print(("not current: " if "--check" in arguments else "written: ") + ", ".join(stale))
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
