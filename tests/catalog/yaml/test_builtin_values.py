"""The built-in files are loaded without a parser, into what the parser makes of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zlib import crc32

from convcli.catalog.folders import builtin_files
from convcli.catalog.loading import load_builtin
from convcli.catalog.yaml.builtins import BUILTINS
from convcli.catalog.yaml.source import read_text
from convcli.catalog.yaml.text import parse

FILES = builtin_files()


def test_the_values_are_those_of_the_files() -> None:
    texts = [read_text(os.fspath(path)) for path in FILES.values()]
    assert {crc32(text.encode()): parse(text, "").plain() for text in texts} == BUILTINS


def test_no_built_in_needs_the_parser() -> None:
    code = """
import sys
from convcli.catalog import load_filter
for name in sys.argv[1:]:
    load_filter(name)
assert not {"ruamel", "convcli.catalog.yaml.text"} & set(sys.modules)
"""
    aliases = [alias for values in BUILTINS.values() for alias in values.get("aliases", ())]
    subprocess.run([sys.executable, "-c", code, *FILES, *aliases], check=True)


def test_a_file_that_has_changed_is_parsed(tmp_path: Path) -> None:
    changed = tmp_path / "sharpen.yaml"
    changed.write_text(FILES["sharpen"].read_text("utf-8").replace("5", "7"), "utf-8")
    assert "[-1, 7, -1]" in repr(load_builtin(changed).layers)
