"""Pages in Chromium: quiet, legible and labeled, narrow and wide, light and dark; by keyboard, and on paper."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import convcli
from convcli.detective.steps import CurveStep
from convcli.filters import Combine, Pipeline
from convcli.image import Picture
from convcli.report import LearnedFrom, filter_page, gallery_page, record_comment, record_in, subject_of, tile_of
from tests.support.browser import Browser, browser, needs_browser
from tests.support.learned import made
from tests.support.pictures import harbour

pytestmark = needs_browser

PAGES = {"kernel": "sharpen", "soft": "gaussian:0.8,size=9", "pipeline": "identity | gaussian:1 | sobel"}

# Texts whose contrast with what is behind them is below that of WCAG's level AA.
FAINT = """
(() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = parse(getComputedStyle(each).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.body.querySelectorAll("*")) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const isField = element.matches("input[type=text], select");
    if ((!hasText && !isField) || element.matches("script, option, noscript")) continue;
    const style = getComputedStyle(element);
    const color = parse(element instanceof SVGElement ? style.fill : style.color);
    const [one, other] = [light(color), light(behind(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5) faint.push(`${element.tagName} ${element.textContent.slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return faint;
})()
"""
# Fields without a name, pictures and headings without a text, levels of headings that are left out, and what scrolls
# out of the keyboard's reach.
UNNAMED = """
(() => {
  const fields = [...document.querySelectorAll("input, select, button")].filter(
    (each) => !(each.ariaLabel || each.labels?.length || each.textContent.trim()));
  const pictures = [...document.querySelectorAll("img:not([alt]), canvas:not([aria-label]), svg:not([aria-label])")];
  const levels = [...document.querySelectorAll("h1, h2, h3")].map((each) => Number(each.tagName[1]));
  const jumps = levels.filter((level, index) => level > (index ? levels[index - 1] : 0) + 1);
  const headings = [...document.querySelectorAll("th")].filter((each) => !each.textContent.trim());
  const unreached = [...document.querySelectorAll("*")].filter((each) =>
    each.scrollWidth > each.clientWidth && getComputedStyle(each).overflowX === "auto" &&
    each.tabIndex < 0 && !each.querySelector("input, select, button, a[href]"));
  const frame = document.documentElement.lang && document.title && document.querySelector("main") ? [] : ["frame"];
  const nameless = [...fields, ...pictures, ...headings, ...unreached];
  return nameless.map((each) => each.outerHTML.slice(0, 80)).concat(jumps, frame);
})()
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as one:
        yield one


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    subject = subject_of(Picture((harbour(300, 500),)), "photo.png")
    for name, text in PAGES.items():
        (folder / f"{name}.html").write_text(filter_page(convcli.load_filter(text), subject), encoding="utf-8")
    found = made(np.eye(3), found=(CurveStep({"r": ((0, 0), (1, 0.5)), "g": ((0, 0.2), (1, 1))}, None),))
    comment = record_comment(found, LearnedFrom(("a.png", "b.png")), found.pipeline)
    learned = filter_page(convcli.load_filter("1 0 0; 0 1 0; 0 0 1"), subject, record_in(comment))
    (folder / "learned.html").write_text(learned, encoding="utf-8")
    tiles = [tile_of(text, convcli.load_filter(text), subject) for text in ("sharpen", "sobel", "dog")]
    (folder / "gallery.html").write_text(gallery_page(tiles, subject), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", [*PAGES, "learned", "gallery"])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_quiet_legible_and_labeled(
    chromium: Browser, folder: Path, name: str, width: int, scheme: str
) -> None:
    chromium.open(folder / f"{name}.html", width, scheme=scheme)
    assert chromium.run("document.documentElement.scrollWidth") <= width
    assert chromium.run(FAINT) == []
    assert chromium.run(UNNAMED) == []
    paper = chromium.run("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(252, 251, 249)") == (scheme == "light")
    assert chromium.problems == []


def test_the_slider_by_keyboard(chromium: Browser, folder: Path) -> None:
    chromium.open(folder / "kernel.html", 1440)
    at = "getComputedStyle(document.querySelector('.slider .after img')).clipPath"
    assert chromium.run(at) == "inset(0px 0px 0px 50%)"
    chromium.run("document.querySelector('.slider input').focus()")
    chromium.press("ArrowRight")
    assert chromium.run(at) == "inset(0px 0px 0px 51%)"
    chromium.press("Home")
    assert chromium.run(at) == "inset(0px 0px 0px 0%)"
    assert chromium.run("getComputedStyle(document.querySelector('.slider')).outlineStyle") == "solid"


LEVELS = """
(() => {
  const canvas = document.getElementById("crop-NAME");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return [canvas.height, canvas.width, ...data];
})()
"""


def levels(chromium: Browser, name: str) -> NDArray[np.uint8]:
    height, width, *values = chromium.run(LEVELS.replace("NAME", name))
    return np.array(values, np.uint8).reshape(height, width, 4)[:, :, :3]


def assert_near(found: NDArray[np.uint8], expected: NDArray[np.uint8]) -> None:
    """Check that levels are equal but for a few, which are half levels in double precision and not in single."""
    apart = np.abs(found.astype(int) - expected)
    assert apart.max() <= 1
    assert (apart > 0).mean() < 1e-3


def write(chromium: Browser, field: str, value: str) -> None:
    chromium.run(
        f"(() => {{ const field = document.querySelector({json.dumps(field)}); field.value = {json.dumps(value)};"
        " field.dispatchEvent(new Event('input', { bubbles: true })); })()"
    )


def test_an_edited_kernel_is_applied_as_the_engine_does(chromium: Browser, folder: Path) -> None:
    chromium.open(folder / "kernel.html", 1440)
    before = levels(chromium, "before")
    assert before.shape == (96, 128, 3)
    assert np.array_equal(levels(chromium, "after"), convcli.apply("sharpen", before))
    write(chromium, "[aria-label='weight in row 1, column 3']", "1/2")
    write(chromium, "[name=divisor]", "1.5")
    write(chromium, "[name=bias]", "10%")
    write(chromium, "[name=border]", "wrap")
    weights = np.array([[0, -1, 0.5], [-1, 5, -1], [0, -1, 0]])
    made = convcli.correlate(before, weights, divisor=1.5, bias=0.1, border="wrap")
    assert np.array_equal(levels(chromium, "after"), made)
    status = "document.getElementById('editor-status').textContent"
    assert chromium.run(status).startswith("The weights add up to 1.5; a flat area is multiplied by 1. ")
    write(chromium, "[name=divisor]", "0")
    assert chromium.run(status).startswith("A field has no number")
    assert chromium.run("document.querySelector('[name=divisor]').ariaInvalid") == "true"
    assert np.array_equal(levels(chromium, "after"), made)
    chromium.run("document.querySelector('[type=reset]').click()")
    chromium.run("new Promise((done) => setTimeout(done, 20))")
    assert np.array_equal(levels(chromium, "after"), convcli.apply("sharpen", before))
    write(chromium, "[aria-label='weight in row 1, column 3']", "3")
    chromium.run("document.querySelector('[name=sum]').click()")
    assert chromium.run("document.querySelector('[name=divisor]').value") == "4"
    # The test reads the canvas more often than the page.
    assert [each for each in chromium.problems if "willReadFrequently" not in each] == []


def test_each_kernel_of_a_pipeline_can_be_edited(chromium: Browser, folder: Path) -> None:
    chromium.open(folder / "pipeline.html", 390)
    before = levels(chromium, "before")
    sobel = convcli.load_filter("sobel").layers[0]
    assert isinstance(sobel, Combine)
    x, y = (Pipeline(branch) for branch in sobel.branches)
    kernels = (*map(convcli.load_filter, ("identity", "gaussian:1")), x, y)
    choice = "document.getElementById('editor-kernel')"
    assert chromium.run(f"{choice}.length") == len(kernels)
    visible = "[...document.querySelectorAll('form.editor')].filter((each) => each.offsetHeight).length"
    for index, kernel in enumerate(kernels):
        chromium.run(f"{choice}.value = {index}; {choice}.dispatchEvent(new Event('change'))")
        assert chromium.run(visible) == 1
        assert_near(levels(chromium, "after"), convcli.apply(kernel, before))
    write(chromium, "form.editor:not([hidden]) [name=bias]", "25%")
    assert_near(levels(chromium, "after"), convcli.apply(y, before, bias=0.25))
    chromium.run(f"{choice}.value = 2; {choice}.dispatchEvent(new Event('change'))")
    assert_near(levels(chromium, "after"), convcli.apply(x, before))
    assert [each for each in chromium.problems if "willReadFrequently" not in each] == []


def test_weights_of_many_digits_are_shown_shortened_and_applied_whole(chromium: Browser, folder: Path) -> None:
    chromium.open(folder / "soft.html", 390)
    assert chromium.run("document.querySelector('[data-weight]').value") == "3.454e-12"
    before = levels(chromium, "before")
    assert_near(levels(chromium, "after"), convcli.apply("gaussian:0.8,size=9", before))
    field = "getComputedStyle(document.querySelector('[data-weight]')).width"
    assert float(chromium.run(field).removesuffix("px")) > 70
    assert chromium.run("document.documentElement.scrollWidth") <= 390


def test_on_paper_both_pictures_stand_side_by_side(chromium: Browser, folder: Path) -> None:
    chromium.open(folder / "kernel.html", 800, media="print")
    assert chromium.run("getComputedStyle(document.querySelector('.slider .after img')).clipPath") == "none"
    assert chromium.run("getComputedStyle(document.querySelector('.slider input')).display") == "none"
    left, right = chromium.run("[...document.querySelectorAll('.slider img')].map((each) => each.x)")[:2]
    assert right > left + 200


def test_on_paper_no_weight_and_no_drawing_is_cut_off(chromium: Browser, folder: Path) -> None:
    for name in ("soft", "kernel", "pipeline", "learned"):
        chromium.open(folder / f"{name}.html", 680, media="print")
        cut = chromium.run(
            "[...document.querySelectorAll('img, canvas, input:not([type=range]), td')]"
            ".filter((each) => each.getBoundingClientRect().right > 680).length"
        )
        assert cut == 0
        texts = chromium.run(
            "[...document.querySelectorAll('.editor:not([hidden]) input')]"
            ".filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.value)"
        )
        assert texts == []


def test_the_keyboard_goes_through_a_page_in_its_order_and_shows_where_it_is(chromium: Browser, folder: Path) -> None:
    chromium.open(folder / "kernel.html", 1440)
    chromium.run("document.activeElement.blur()")
    tops, names = [], []
    while True:
        chromium.press("Tab")
        place = chromium.run(
            "(() => { const each = document.activeElement; if (each === document.body) return null;"
            " const shown = each.matches('.slider input') ? each.closest('.slider') : each;"
            " const box = each.getBoundingClientRect();"
            " return [each.name || each.type, Math.round(box.y + scrollY), getComputedStyle(shown).outlineStyle,"
            " (box.top + box.bottom) / 2 >= 0 && (box.top + box.bottom) / 2 <= innerHeight]; })()"
        )
        if place is None:
            break
        name, top, outline, is_on_screen = place
        assert outline == "solid", name
        assert is_on_screen, name
        names.append(name)
        tops.append(top)
    assert tops == sorted(tops)
    assert len(names) >= 9 + 3 + 2  # weights, fields and buttons
    assert names[0] == "range"
