"""Lines of the commands beside ``apply`` that were meant: words in another order, left out, or behind an option."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from convcli.cli.apply.guesses import is_filter, is_picture, joined_names, typed
from convcli.words import as_word

_FLAGS = (
    *("-f", "--force", "-q", "--quiet", "-v", "--verbose", "--debug", "--json", "--flip", "--convolve"),
    *("--bias", "--no-bias", "--snap", "--anyway", "--linear", "--resume"),
)
_PAGES = (".html", ".htm")

# Options that the two pictures of `learn` have in other programs.
_PAIR = ("--input", "--source", "--before", "--in", "--x", "--target", "--after", "--y")

# Help for a command's missing word, by its name; {0} and so on are the words that are there.
_EXAMPLES = {
    ("export", "filter_text"): "name a filter and a program: convcli export sharpen --to imagemagick",
    ("import", "file"): "name a file with a kernel: convcli import kernel.mat -o kernel.yaml",
    ("report", "filter_text"): "name a filter and a page: convcli report sharpen photo.jpg -o sharpen.html",
    ("gallery", "picture"): "name a picture: convcli gallery photo.jpg -o gallery.html",
    ("compare", "second"): "compare takes two pictures: convcli compare {0} other.png",
    ("compare", "first"): "compare takes two pictures: convcli compare one.png other.png",
    ("learn", "target"): "learn compares two pictures, before and after: convcli learn {0} after.png -o mine.yaml",
    ("learn", "source"): "learn compares two pictures, before and after: convcli learn before.png after.png",
    ("show", "filter_text"): "name a filter: convcli show sharpen; convcli list shows all",
    ("check", "files"): "name filter files: convcli check my.yaml",
    ("explain", "at"): "name a position, column and row: convcli explain {0} {1} --at 10,20",
    ("explain", "image"): "name a picture and a position: convcli explain {0} photo.png --at 10,20",
    ("explain", "filter_text"): "name a filter, a picture and a position: convcli explain sharpen photo.png --at 10,20",
}


def line_with_missing(command: str, missing: str, rest: Sequence[str]) -> str:
    """Return help for a command whose word `missing` is not there; empty where none is known."""
    if missing == "output" and command in ("report", "gallery"):
        return f"name the page: {_page_line(command, rest)}"
    words = [word for word in rest if not word.startswith("-")]
    return _EXAMPLES.get((command, missing), "").format(*map(typed, words), "…", "…")


def line_of(command: str, rest: Sequence[str]) -> str:
    """Return help where the words of a command stand in another order; empty where they are right."""
    return _OF_WORDS[command](rest) if command in _OF_WORDS else ""


def line_of_one_word(command: str, rest: Sequence[str]) -> str:
    """Return help where there are too many words: a filter, a position or the text of `list` is one."""
    at = rest.index("--at") + 1 if command == "explain" and "--at" in rest else len(rest)
    if all(word.strip(",").isdigit() for word in rest[at : at + 2]) and len(rest) > at + 1:
        line = [*rest[:at], f"{rest[at].strip(',')},{rest[at + 1].strip(',')}", *rest[at + 2 :]]
        return f"a position is one word: convcli explain {' '.join(map(typed, line))}"
    if command == "list":
        return f"give one text: convcli list {as_word(rest[0])}"
    if command == "compare":
        first, second, drawing, *more = [word for word in rest if not word.startswith("-")]
        pair = f"convcli compare {typed(first)} {typed(second)}"
        return f"{pair} -o {typed(drawing)}" if not more else f"compare takes two pictures: {pair}"
    if (names := joined_names(rest)) != list(rest):
        return f"quote a name with blanks: convcli {command} {' '.join(map(typed, names))}"
    if command == "report":
        return f"a report is of one filter and one picture: {_page_line(command, rest)}"
    from convcli.catalog import meant_filter  # imports NumPy

    words = [word for word in rest if not word.startswith("-")]
    meant = meant_filter(" ".join(words)) if command in ("show", "help") else ""
    meant = "" if "|" in meant else meant
    if command == "show" and is_filter(words[0]):
        return f"convcli show {as_word(meant or words[0])}"
    return f"convcli {command} {as_word(meant if meant else words[0])}" if command == "help" or meant else ""


def _page_line(command: str, rest: Sequence[str]) -> str:
    """Return the line of `report` or `gallery` that the words make: filter and picture by what they are, and a page."""
    plain, output, options = _split(rest)
    if command == "report":
        text = next((word for word in plain if is_filter(word)), plain[0] if plain else "sharpen")
        pictures = [word for word in plain if word != text and is_picture(word)][:1]
        words = [as_word(text), *map(typed, pictures)]
    else:
        picture = next((word for word in plain if is_picture(word) and not is_filter(word)), plain[0])
        texts = [word for word in plain if word != picture]
        output = output or next((word for word in texts if is_picture(word) and not Path(word).exists()), "")
        words = [typed(picture), *(as_word(word) for word in texts if word != output)]
    return " ".join(["convcli", command, *words, "-o", typed(output or f"{command}.html"), *options])


def _split(rest: Sequence[str]) -> tuple[list[str], str, list[str]]:
    """Return the words that are no options, the output, and the other options with their values."""
    plain: list[str] = []
    options: list[str] = []
    output = ""
    words = iter(rest)
    for word in words:
        if word in ("-o", "--output"):
            output = next(words, "")
        elif word.startswith("--output="):
            output = word.partition("=")[2]
        elif word.lower().endswith(_PAGES) and not output and not Path(word).exists():
            output = word
        elif word.startswith("-") and not is_filter(word):
            options += [word] if word in _FLAGS or "=" in word else [word, as_word(next(words, ""))]
        else:
            plain.append(word)
    return plain, output, options


def _explain(rest: Sequence[str]) -> str:
    """Return help where `explain` is given its picture before its filter."""
    if len(rest) < 2 or not is_picture(rest[0]) or not is_filter(rest[1]):
        return ""
    line = [rest[1], rest[0], *rest[2:], *([] if "--at" in rest else ["--at", "10,20"])]
    return f"the filter comes first: convcli explain {' '.join(map(as_word, line))}"


def _report(rest: Sequence[str]) -> str:
    """Return help where `report` is given a picture in place of its filter, or before it."""
    plain = _split(rest)[0]
    if not plain or not is_picture(plain[0]) or is_filter(plain[0]):
        return ""
    has_filter = any(map(is_filter, plain))
    return f"the filter comes first: {_page_line('report', rest if has_filter else ['sharpen', *rest])}"


def _gallery(rest: Sequence[str]) -> str:
    """Return help where `gallery` is given a group in place of filters, or its picture behind them."""
    from convcli.catalog import GROUPS

    plain = _split(rest)[0]
    behind = next((word for word in plain[1:] if is_picture(word) and Path(word).is_file()), "")
    if plain and behind and is_filter(plain[0]) and not is_picture(plain[0]):
        return f"the picture comes first: {_page_line('gallery', rest)}"
    if any(word.startswith("--group") for word in rest):
        return ""
    group = next((word for word in rest[1:] if word in GROUPS and not is_filter(word)), "")
    return f"{_page_line('gallery', [word for word in rest if word != group])} --group {group}" if group else ""


def _learn(rest: Sequence[str]) -> str:
    """Return help where the pictures of `learn` stand behind options."""
    if not {word.partition("=")[0] for word in rest} & set(_PAIR):
        return ""
    pair: list[str] = []
    others: list[str] = []
    words = iter(rest)
    for word in words:
        name, equals, value = word.partition("=")
        if word.startswith("-"):
            value = "" if word in _FLAGS else value if equals else next(words, "")
            is_of_pair = name in _PAIR or (name == "--output" and is_picture(value))
            (pair if is_of_pair else others).extend(
                [value] if is_of_pair else [name, *([as_word(value)] * bool(value))]
            )
        else:
            pair.append(word)
    return f"the pictures follow without options: {' '.join(['convcli', 'learn', *map(typed, pair), *others])}"


def _show(rest: Sequence[str]) -> str:
    """Return help where `show` is asked for the list."""
    return "convcli list names all filters" if list(rest[:1]) in (["all"], ["list"], ["filters"]) else ""


def _import(rest: Sequence[str]) -> str:
    """Return help where `import` is given the name of a filter."""
    plain = _split(rest)[0]
    if not plain or Path(plain[0]).exists() or not is_filter(plain[0]) or "." in plain[0]:
        return ""
    return f"it is the name of a filter: convcli show {as_word(plain[0])} --yaml prints its file"


_OF_WORDS: dict[str, Callable[[Sequence[str]], str]] = {
    "explain": _explain,
    "report": _report,
    "gallery": _gallery,
    "learn": _learn,
    "show": _show,
    "import": _import,
}
