"""Write the pages that are made from the code: ``python docs/generate.py [--check] [NAME...|all]``.

Without names it makes those that take a second: builtins, words, cli, man, filters and schema. ``formats``,
``lessons`` and ``detective`` run many commands; ``strips`` draws the picture of the README, ``pairs`` those of
detective.md; ``screens`` writes those of tests/goldens. ``--check`` writes nothing; it fails if a page is not
current, or if a page shows a Python object in place of its text.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from zlib import crc32

import typer

from convcli.catalog import Entry, list_filters
from convcli.cli.application.app import app
from convcli.version import __version__

DOCS = Path(__file__).parent
CHECKOUT = DOCS.parent

# Typer writes the help of its own options, and changes it from release to release.
COMPLETION = ("install_completion", "show_completion")

# The repr of a class, a function or an object, where its text should stand.
PYTHON_OBJECT = re.compile(r"<(class|function) |<[\w.]+ object at ")

# The strips of the README's picture, from left to right.
STRIPS = ("sharpen", "gaussian:5", "emboss-gray", "sobel-x --bias 50%", "outline")

# The sheet of pairs: pictures in a row, the side of one, and the room between them and for a name, in pixels.
PER_ROW, THUMB, GAP, LABEL = 4, 170, 10, 24
PHOTO_SIDE = 512
PLOTTED, PLOT_WIDTH = ("photo.png", "marked.png"), 800

BUILTINS_HEAD = '''\
"""The values of the built-in filter files, by the checksum of their text: they need no parser at the start.

Made from kernels/ by `python docs/generate.py`. A file whose text has changed since is parsed.
"""

# ruff: noqa: E501
from typing import Any

# fmt: off
BUILTINS: dict[int, dict[str, Any]] = {'''

WORDS_MODULE = '''\
"""The options of ``apply`` by their words, for command lines that need no Typer: see `convcli.cli.application.words`.

Made from the options by `python docs/generate.py`.
"""

# ruff: noqa: PIE808
from typing import Any

{imports}

# fmt: off
BUNDLES: dict[str, Any] = {{
{bundles}
}}

# The bundle, the option in it, and its values: of a flag the one it sets, texts, whole numbers, or some words.
WORDS: dict[str, tuple[str, str, Any]] = {{
{words}
}}
# fmt: on
'''

INTRODUCTION = """\
# The command line

Made from the code by `python docs/generate.py`. `--install-completion` sets up completion in your
shell.

Pictures, arrays and JSON that you ask for go to stdout, everything else to stderr.

| Exit code | |
|---|---|
"""

EXIT_CODES = {
    "0": "All good.",
    "1": "A file failed; the others were done.",
    "2": "Wrong usage, or a wrong filter or kernel file.",
    "130, 143": "Ended by Ctrl-C, by SIGTERM.",
    "141": "The reader of stdout closed it.",
}
ENVIRONMENT = {
    "CONVCLI_PATH": "Folders of filters, by name, before your own and the built-in ones.",
    "NO_COLOR": "No colors on the terminal, if it is set.",
}


# Letters that roff would take for others.
ROFF = {"-": r"\-", "'": r"\(aq", "^": r"\(ha", "~": r"\(ti"}

MANUAL_HEAD = r"""
.\" Made from the code by docs/generate.py.
.TH CONVCLI 1 "{date}" "convcli {version}" "User Commands"
.ad l
.nh
.SH NAME
convcli \- {summary}
.SH SYNOPSIS
""".strip()

MANUAL_FILTERS = r"""
.PP
A filter is one of
.TP
a name
as \fBconvcli list\fR has them, with parameters behind a colon:
\fBsharpen\fR, \fBgaussian:2\fR, \fBdog:sigma1=1,sigma2=2\fR
.TP
a YAML file
whose name has a slash, or ends in \fB.yaml\fR or \fB.yml\fR
.TP
a kernel
with a semicolon between its rows: \fB\(dq0 \-1 0; \-1 5 \-1; 0 \-1 0\(dq\fR
.TP
a pipeline
of any of these: \fB\(dqgaussian:1.4 | sobel | normalize\(dq\fR
.PP
\fBconvcli help\fR \fINAME\fR explains a filter with its parameters.
Pictures, arrays and JSON that you ask for go to stdout, everything else to
stderr.
"""

MANUAL_OPTIONS = (
    "All but the first also stand behind the name of a command. There --help explains the usual options, "
    "and --help-all every one."
)

MANUAL_END = r"""
.SH FILES
.TP
\fI\(ti/.config/convcli/filters\fR
Your own filters, a YAML file each; \fBconvcli doctor\fR prints where the
folder is on other systems.
.SH SEE ALSO
https://github.com/convcli/convcli/tree/main/docs
has lessons, a cookbook, every filter and every format.
"""


def command_page() -> str:
    """Return docs/cli.md: every command with its examples and options."""
    group: Any = typer.main.get_command(app)
    codes = [f"| {code} | {meaning} |\n" for code, meaning in EXIT_CODES.items()]
    parts = [INTRODUCTION + "".join(codes), _section("convcli", group)]
    parts += [_section(f"convcli {name}", command) for name, command in group.commands.items()]
    return "\n".join(parts)


def _section(title: str, command: Any) -> str:
    summary, examples = _summary(command)
    lines = [f"## {title}", "", summary, "", "```sh", examples, "```", ""]
    for panel, parameters in _panels(command).items():
        rows = ((_names(each).replace("|", "\\|"), _meaning(each).replace("|", "\\|")) for each in parameters)
        lines += [f"| {panel} | |", "|---|---|", *(f"| `{names}` | {meaning} |" for names, meaning in rows), ""]
    return "\n".join(lines)


def _summary(command: Any) -> tuple[str, str]:
    """Return what a command does, and the lines of its examples."""
    summary, _, examples = command.help.partition("\n\n\b\n")
    return summary, examples.strip()


def _panels(command: Any) -> dict[str, list[Any]]:
    """Return the parameters of a command by the titles of their panels."""
    panels: dict[str, list[Any]] = {}
    for parameter in command.params:
        if parameter.name not in COMPLETION:
            panel = "Arguments" if parameter.param_type_name == "argument" else parameter.rich_help_panel or "Options"
            panels.setdefault(panel, []).append(parameter)
    return panels


def _names(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.metavar.strip("[]"))
    names = " / ".join(parameter.opts + parameter.secondary_opts)
    return f"{names} {parameter.metavar}" if parameter.metavar else names


def _meaning(parameter: Any) -> str:
    """Return what a parameter does, and its default if that says something."""
    # A default with a text of its own shows it; flags and empty defaults show nothing.
    default = parameter.show_default if isinstance(parameter.show_default, str) else parameter.default
    default = default() if callable(default) else default
    shown = default not in (None, False, True, "", [], ())
    return f"{parameter.help} Default: `{default}`." if shown else str(parameter.help)


def _release_date() -> str:
    """Return the day of the version, as its heading in the changelog has it: the same wherever the page is made."""
    changes = (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(__version__)} \((\d{{4}}-\d\d-\d\d)\)$", changes, re.MULTILINE)
    if found is None:
        raise SystemExit(f"CHANGELOG.md has no heading such as: ## {__version__} (2026-01-31)")
    return found[1]


def manual_page() -> str:
    """Return docs/convcli.1: the commands and their options in roff, for ``man convcli``."""
    group: Any = typer.main.get_command(app)
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    about = readme[readme.index("\nconvcli applies") : readme.index("\n## Two commands")]
    summary, _ = _summary(group)
    common = {each.name for each in group.params}
    lines = [
        MANUAL_HEAD.format(
            version=__version__, date=_release_date(), summary=_roff(summary[0].lower() + summary[1:].rstrip("."))
        ),
        "\n.br\n".join(_usage(name, command) for name, command in group.commands.items()),
        *(".SH DESCRIPTION", _filled(about.strip()), MANUAL_FILTERS.strip()),
        *(".SH EXAMPLES", *_example_lines(group)),
        *(".SH OPTIONS", _filled(MANUAL_OPTIONS), *_tagged_lines(group.params)),
        ".SH COMMANDS",
    ]
    for name, command in group.commands.items():
        lines += [f".SS {name}", _filled(_summary(command)[0]), ".PP", *_example_lines(command)]
        for panel, parameters in _panels(command).items():
            own = [each for each in parameters if each.name not in common]
            if own and panel != "Arguments":
                lines += [".PP", rf"\fI{_roff(panel)}\fR"]
            lines += _tagged_lines(own)
    for title, meanings in (("EXIT STATUS", EXIT_CODES), ("ENVIRONMENT", ENVIRONMENT)):
        lines.append(f".SH {title}")
        for name, meaning in meanings.items():
            lines += [".TP", rf"\fB{_roff(name)}\fR", _filled(meaning)]
    return "\n".join([*lines, MANUAL_END.strip(), ""])


def _usage(name: str, command: Any) -> str:
    """Return the line of a command in the synopsis."""
    words = []
    for each in command.params:
        if each.param_type_name == "argument":
            words.append(each.metavar + ("..." if each.nargs < 0 and "..." not in each.metavar else ""))
        elif each.required:
            words.append(f"{each.opts[0]} {each.metavar}")
    return _marked(" ".join([f"convcli {name}", *words, "[OPTIONS]"]))


def _tagged_lines(parameters: Iterable[Any]) -> Iterable[str]:
    for each in parameters:
        if each.name not in COMPLETION:
            yield from (
                ".TP",
                _marked(_names(each).replace(" / ", ", ")),
                re.sub(r"`(.*?)`", r"\\fB\1\\fR", _filled(_meaning(each)), flags=re.DOTALL),
            )


def _example_lines(command: Any) -> Iterable[str]:
    return ".RS 4", ".nf", *map(_roff, _summary(command)[1].splitlines()), ".fi", ".RE"


def _marked(words: str) -> str:
    """Return words in roff: the values in capitals in italics, all others bold."""
    return " ".join(rf"\f{'I' if each.isupper() else 'B'}{_roff(each)}\fR" for each in words.split())


def _filled(text: str) -> str:
    """Return prose in lines of roff, which fills them anew."""
    return "\n".join(map(_roff, textwrap.wrap(text, 72, break_long_words=False, break_on_hyphens=False)))


def _roff(text: str) -> str:
    """Return a text as roff shows it letter by letter."""
    text = text.replace("\\", r"\e").translate({ord(each): name for each, name in ROFF.items()})
    text = "".join(each if each.isascii() else rf"\[u{ord(each):04X}]" for each in text)
    return rf"\&{text}" if text.startswith((".", "\\(aq")) else text


_ABOUT_LAYERS = """\
### Ranks, blocks, curves and geometry

- `median`, `min` and `max` return one of the values of their window: of an even number the upper of the two in the
  middle. The window of an even size reaches one pixel further up and to the left. Borders are those of any filter.
  NaN has no rank, nor has the color of a pixel of alpha 0; where there is no other value, the result is NaN, or the
  pixel itself. With `--alpha filter` alpha is ranked too, and transparent beyond a constant border.
- `pixelate` and `resize` weigh colors by alpha. The blocks at the right and at the bottom may be smaller.
- `curve` takes x and y in shares of full scale, x increasing. A value before the first point becomes that of the
  point, and so does a value behind the last, as in editors of pictures; points beyond 0 and 1 change that. `channels`
  is `all`, or some of `r`, `g` and `b`: `curve:0:0 0.5:0.7 1:1,channels=rb`.
- `mirror` exchanges left and right, `mirror:vertical` top and bottom. `turn` takes 90, 180 or 270 degrees,
  counter-clockwise, as the angle of `motion`.
- `resize:0.5` takes a scale, `resize:width=640` keeps the ratio, `resize:width=640,height=480` does not. Sizes are
  rounded half up. The filters are Pillow's, and so are the values, except that Pillow rounds and clips 8 bits
  between its two passes. At the rim the weights inside of the picture count alone, so that there is no border.
- Channels that `--channels` leaves alone are moved and resized with the others, and so is alpha.
- `unsharp` with a threshold adds `amount` times the difference from the blur where that is larger than the
  threshold, a share of full scale: Pillow's 3 is `3/255`. ImageMagick compares twice the difference: its 0.02 is 0.01.
""".splitlines()


def filters_page() -> str:
    """Return docs/filters.md: every filter and every layer that has a name."""
    entries = list_filters(builtin=True)
    lines = [
        "# The filters and the layers",
        "",
        "Made from the catalog by `python docs/generate.py`. `convcli help NAME` explains one, `convcli show NAME`",
        "prints the weights.",
        "",
        "Parameters, listed in parentheses, follow the name: `gaussian:2`, `gaussian:sigma=2,size=9`. Every filter of",
        "one kernel also takes `anchor`, `divisor`, `bias`, `flip`, `normalize`, `stride`, `padding`, `dilation` and",
        '`border` by name. `|` joins filters and layers: `"gaussian:1.4 | sobel | normalize"`. Matrices are correlated',
        "as written. Levels are shares of full scale: mid-gray is `0.5`, `50%` or `128/255`; for arrays, and pictures",
        "of floats, full scale is 1.",
        "",
        "A filter equals its source, except for what stands beside it. The border is `reflect`, as in OpenCV, unless",
        "`--border` names another; that of SciPy and scikit-image is called `symmetric` here.",
        "",
        'A kernel is also written out: `"0 -1 0; -1 5 -1; 0 -1 0"`, rows as a spreadsheet pastes them, or lists as',
        'NumPy, JSON, MATLAB and C print them: `"[[0, -1, 0], [-1, 5, -1], [0, -1, 0]]"`. Nine numbers in one row are',
        "a row; a warning shows the 3×3 kernel that they may be meant for, and `;` behind them keeps it quiet.",
        "",
        "## Filters",
        "",
        *_rows(entry for entry in entries if "layer" not in entry.tags),
        "",
        "## Layers",
        "",
        "`conv`, `kernel` and `linear` are written in a YAML file, under `layers:`. Random weights without a",
        "`seed` take the layer's number among those with random weights, from 0; one that another layer",
        "names is raised by the count of such layers.",
        "",
        *_rows(entry for entry in entries if "layer" in entry.tags),
        "",
        *_ABOUT_LAYERS,
    ]
    return "\n".join(lines) + "\n"


def _rows(entries: Iterable[Entry]) -> list[str]:
    rows = ["| name | description | aliases | source |", "|---|---|---|---|"]
    for entry in entries:
        name = f"`{entry.name}`" + (f" ({entry.parameters})" if entry.parameters else "")
        aliases = ", ".join(f"`{alias}`" for alias in entry.aliases)
        rows.append(f"| {name} | {entry.description} | {aliases} | {entry.source} |")
    return rows


def schema_text() -> str:
    """Return docs/filter.schema.json: the JSON schema of a filter file, for editors."""
    from convcli.catalog.yaml.schema import schema

    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def builtins_module() -> str:
    """Return convcli/catalog/yaml/builtins.py: the built-in filter files, parsed."""
    from convcli.catalog.folders import builtin_files
    from convcli.catalog.yaml.source import read_text
    from convcli.catalog.yaml.text import parse

    lines = [BUILTINS_HEAD]
    for path in sorted(builtin_files().values()):
        text = read_text(str(path))
        lines.append(f"    {crc32(text.encode()):#010x}: {parse(text, str(path)).plain()!r},")
    return "\n".join([*lines, "}", "# fmt: on", ""])


def words_module() -> str:
    """Return convcli/cli/apply/words.py: the options of ``apply``, as its plain words are read."""
    from convcli.cli.apply.command import apply
    from convcli.cli.options.bundles import bundles_of

    group: Any = typer.main.get_command(app)
    bundles = bundles_of(apply)
    bundle_of = {field: name for name, bundle in bundles.items() for field in bundle.__annotations__}
    lines = []
    for each in group.commands["apply"].params:
        if each.param_type_name == "argument":
            continue
        kind = each.type_descriptor.annotation
        if each.is_flag:
            kinds: tuple[Any, Any] = True, False
        elif kind is int:
            kinds = range(max(each.min or 0, 0), 10**9 if each.max is None else each.max + 1), None
        else:
            kinds = each.type_descriptor.choices or str, None
        for words, value in zip((each.opts, each.secondary_opts), kinds, strict=True):
            shown = "str" if value is str else repr(value)
            lines += [f"    {word!r}: ({bundle_of.get(each.name, '')!r}, {each.name!r}, {shown})," for word in words]
    names: dict[str, list[str]] = {}
    for bundle in bundles.values():
        names.setdefault(bundle.__module__, []).append(bundle.__name__)
    imports = [f"from {module} import {', '.join(sorted(own))}" for module, own in sorted(names.items())]
    chosen = [f"    {name!r}: {bundle.__name__}," for name, bundle in bundles.items()]
    return WORDS_MODULE.format(imports="\n".join(imports), bundles="\n".join(chosen), words="\n".join(lines))


def formats_page() -> str:
    """Return docs/formats.md: a corpus of files sent through the command."""
    from tests.formats import page

    return page.formats_page()


def filled_page(name: str) -> str:
    """Return a page of commands as it is, with the present output of its commands."""
    from tests.support import page

    with tempfile.TemporaryDirectory() as folder:
        return page.filled((DOCS / name).read_text(encoding="utf-8"), Path(folder))


def write_screens() -> None:
    """Write tests/goldens: what the commands show on terminals of 80 and 120 columns."""
    from tests.support.screens import write_goldens

    print("screens:", ", ".join(write_goldens()) or "none has changed")


def draw_strips() -> None:
    """Draw docs/strips.jpg: the harbour in strips, each filtered by the command, with its filter below."""
    from PIL import Image, ImageDraw, ImageFont

    with Image.open(CHECKOUT / "sample_images" / "harbour.jpg") as scene:
        canvas = Image.new("RGB", (scene.width, scene.height + 40), "white")
    width = canvas.width // len(STRIPS)
    draw = ImageDraw.Draw(canvas)
    with tempfile.TemporaryDirectory() as folder:
        for index, words in enumerate(STRIPS):
            output = Path(folder, f"{index}.png")
            command = [sys.executable, "-m", "convcli", "-q", "apply", *words.split(), "sample_images/harbour.jpg"]
            subprocess.run([*command, "-o", str(output)], cwd=CHECKOUT, check=True)
            left = index * width
            with Image.open(output) as filtered:
                canvas.paste(filtered.crop((left, 0, left + width, filtered.height)), (left, 0))
            font = ImageFont.load_default(18)
            draw.text((left + width // 2, canvas.height - 20), words, fill="black", font=font, anchor="mm")
            if index:
                draw.line((left, 0, left, canvas.height - 41), fill="white", width=2)
    canvas.save(DOCS / "strips.jpg", quality=88)


def draw_pairs() -> None:
    """Draw the pictures of docs/detective.md: what was made of the photograph, and the plot of one pair."""
    from PIL import Image, ImageDraw, ImageFont

    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, str(DOCS / "detective" / "pairs.py"), folder], check=True)
        names = ["photo.png", *sorted(path.name for path in Path(folder).iterdir() if path.name != "photo.png")]
        rows = -(-len(names) // PER_ROW)
        canvas = Image.new("RGB", (PER_ROW * (THUMB + GAP) - GAP, rows * (THUMB + LABEL)), "white")
        draw = ImageDraw.Draw(canvas)
        for index, name in enumerate(names):
            left, top = index % PER_ROW * (THUMB + GAP), index // PER_ROW * (THUMB + LABEL)
            with Image.open(Path(folder, name)) as picture:
                shown = picture.reduce(PHOTO_SIDE // THUMB)
                canvas.paste(shown, (left + (THUMB - shown.width) // 2, top + (THUMB - shown.height) // 2))
            at = left + THUMB // 2, top + THUMB + LABEL // 2
            draw.text(at, name, fill="black", font=ImageFont.load_default(13), anchor="mm")
        canvas.save(DOCS / "detective" / "pairs.jpg", quality=80)
        plot = Path(folder, "plot.png")
        pair = [str(Path(folder, name)) for name in PLOTTED]
        command = [sys.executable, "-m", "convcli", "-q", "learn", *pair, "--plot", str(plot)]
        subprocess.run(command, cwd=CHECKOUT, check=True)
        with Image.open(plot) as drawn:
            size = PLOT_WIDTH, round(drawn.height * PLOT_WIDTH / drawn.width)
            drawn.resize(size, Image.Resampling.LANCZOS).save(DOCS / "detective" / "plot.png", optimize=True)


QUICK: dict[str, tuple[str, Callable[[], str]]] = {
    "builtins": ("../convcli/catalog/yaml/builtins.py", builtins_module),
    "words": ("../convcli/cli/apply/words.py", words_module),
    "cli": ("cli.md", command_page),
    "man": ("convcli.1", manual_page),
    "filters": ("filters.md", filters_page),
    "schema": ("filter.schema.json", schema_text),
}
SLOW: dict[str, tuple[str, Callable[[], str]]] = {
    "formats": ("formats.md", formats_page),
    "lessons": ("lessons.md", lambda: filled_page("lessons.md")),
    "detective": ("detective.md", lambda: filled_page("detective.md")),
}
PICTURES: dict[str, Callable[[], None]] = {"strips": draw_strips, "pairs": draw_pairs, "screens": write_screens}


def main(words: list[str] | None = None) -> int:
    """Write the named pages, or name those that are not current; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join([*QUICK, *SLOW, *PICTURES])}, or all")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a page is not current")
    options = parser.parse_args(words)
    unknown = set(options.names) - {*QUICK, *SLOW, *PICTURES, "all"}
    if unknown:
        parser.error(f"no page is called {', '.join(sorted(unknown))}")
    pages = QUICK | SLOW
    names = list(pages) if "all" in options.names else options.names or list(QUICK)
    stale = [pages[name][0] for name in names if name in pages and _refresh(*pages[name], options.check)]
    for name in () if options.check else PICTURES.keys() & set(names):
        PICTURES[name]()
    if stale:
        print(("not current: " if options.check else "written: ") + ", ".join(stale))
    left = [name for name in ([*SLOW] if options.check else [*SLOW, *PICTURES]) if name not in names]
    if left and not options.names:
        print(f"left out, until they are named: {', '.join(left)}")
    spoiled = [each.name for each in sorted(DOCS.glob("*.md")) if PYTHON_OBJECT.search(each.read_text("utf-8"))]
    if spoiled:
        print(f"a Python object stands in place of a text: {', '.join(spoiled)}")
    return 1 if spoiled or (stale and options.check) else 0


def _refresh(name: str, make: Callable[[], str], only_check: bool) -> bool:
    """Write a page that is not current, unless `only_check`; return whether it was not."""
    page, text = DOCS / name, make()
    if page.exists() and page.read_text(encoding="utf-8") == text:
        return False
    if not only_check:
        page.write_text(text, encoding="utf-8", newline="\n")
    return True


if __name__ == "__main__":
    sys.path.insert(0, str(CHECKOUT))  # the pages of the corpus and of the lessons are made by modules of tests
    sys.exit(main())
