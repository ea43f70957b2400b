"""Read a report of `coverage json`, print what the tests run of every room, and fail below the floors."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path, PurePath

LINES, BRANCHES = 95.0, 90.0  # percent
COUNTS = ("covered_lines", "num_statements", "covered_branches", "num_branches")


def room_of(file: str) -> str:
    """Return the folder of the package that a file is in, or its name where it stands in the package itself."""
    return PurePath(file).parts[1].removesuffix(".py")


def share(part: int, whole: int) -> float:
    """Return a part in percent of the whole: all of it where there is nothing."""
    return 100 * part / whole if whole else 100.0


def main() -> None:
    """Raise SystemExit with a message where fewer lines or fewer branches are run than have to be."""
    files = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["files"]
    rooms: dict[str, Counter[str]] = {}
    for file, found in files.items():
        rooms.setdefault(room_of(file), Counter()).update({name: found["summary"][name] for name in COUNTS})
    rooms["all"] = sum(rooms.values(), Counter())
    if not rooms["all"]["num_statements"]:
        sys.exit("nothing was measured")
    print(f"{'':14}  lines of which run   branches of which run")
    for room, count in rooms.items():
        lines = share(count["covered_lines"], count["num_statements"])
        branches = share(count["covered_branches"], count["num_branches"])
        print(f"{room:14}  {count['num_statements']:5}  {lines:9.1f} %   {count['num_branches']:8}  {branches:9.1f} %")
    # The last are those of all rooms.
    below = []
    if lines < LINES:
        below.append(f"{lines:.2f} % of the lines are run, {LINES:g} % have to be")
    if branches < BRANCHES:
        below.append(f"{branches:.2f} % of the branches are run, {BRANCHES:g} % have to be")
    if below:
        sys.exit("; ".join(below))


if __name__ == "__main__":
    main()
