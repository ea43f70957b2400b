"""The documentation as a site: whole, strict about links, and without a request to another server."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from convcli.catalog import list_filters
from tests.support.browser import browser, needs_browser
from tests.support.paths import DOCS

pytest.importorskip("mkdocs", reason="it builds the site")

SCRIPT = DOCS / "site" / "build_site.py"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.slow
@pytest.mark.no_cover
def test_it_has_every_page_and_loads_nothing_from_elsewhere(site: Path) -> None:
    assert {each.stem for each in DOCS.glob("*.md")} <= {each.stem for each in (site / "docs").glob("*.html")}
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|img|iframe)\b[^>]*\bsrc=\"([^\"]*)|<link\b[^>]*\bhref=\"([^\"]*)", text)
        assert loaded
        for each in filter(None, map("".join, loaded)):
            assert not re.match(r"(\w+:)?//", each), page.name
            assert page.stem == "404" or (page.parent / each.partition("?")[0]).exists(), f"{page.name}: {each}"
    for style in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", style.read_text(encoding="utf-8")), style.name


@pytest.mark.slow
@pytest.mark.no_cover
def test_every_filter_has_its_picture(site: Path) -> None:
    text = (site / "docs" / "pictures.html").read_text(encoding="utf-8")
    shown = set(re.findall(r'<img alt="([^"]+)" src="filters/', text)) - {"the photograph"}
    names = {each.name for each in list_filters(builtin=True)}
    assert names - shown == {"conv", "kernel", "linear"}
    assert shown <= names
    pictures = list((site / "docs" / "filters").iterdir())
    assert len(pictures) == len(shown) + 1
    assert sum(each.stat().st_size for each in pictures) < 2_500_000


@pytest.mark.slow
@pytest.mark.no_cover
@needs_browser
def test_from_a_disk_pages_are_quiet_and_can_be_searched(site: Path) -> None:
    with browser() as chromium:
        for page in sorted(site.rglob("*.html")):
            if page.stem == "404":  # of a server
                continue
            for width in (390, 1440):
                chromium.open(page, width, scheme="dark")
                assert chromium.run("document.documentElement.dataset.bsTheme") == "dark"
                assert chromium.run("document.documentElement.scrollWidth") <= width, page
                assert [each for each in chromium.problems if not each.startswith("console.log")] == [], page
        chromium.open(site / "docs" / "cookbook.html", 1440)
        chromium.run("document.querySelector('[data-bs-theme-value=dark]').click()")
        assert chromium.run("document.documentElement.dataset.bsTheme") == "dark"
        field = "document.getElementById('mkdocs-search-query')"
        found = "document.querySelector('#mkdocs-search-results a[href$=\"pictures.html#pixelate\"]') !== null"
        chromium.run(f"{field}.value = 'pixelate'")
        end = time.monotonic() + 20
        while not chromium.run(f"{field}.dispatchEvent(new Event('keyup')), {found}"):  # until the index is there
            assert time.monotonic() < end
            time.sleep(0.1)
