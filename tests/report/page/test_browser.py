"""The page in headless Chromium: it loads without a sound, says what the results say, and is used by keys alone."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import page_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here (Debian: apt install chromium)"),
]

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

#: A machine that does other work, too, may take long (ours).
PATIENCE_MS = 120_000

#: Contrast of text at least, by WCAG 2.2 (1.4.3), level AA.
LEAST_CONTRAST = 4.5


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE_MS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def file(ahasd_run: Path, npu_run: Path, ranking: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page_of(ahasd_run, npu_run, ranking), encoding="utf-8")
    return path


class Opened:
    """The page at a width, and everything that it asked for or complained of."""

    def __init__(self, browser: Any, file: Path, width: int) -> None:
        self.page = browser.new_page(viewport={"width": width, "height": 900})
        self.page.set_default_timeout(PATIENCE_MS)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(file.as_uri())


@pytest.fixture(params=[390, 1440])
def opened(request: pytest.FixtureRequest, browser: Any, file: Path) -> Iterator[Opened]:
    found = Opened(browser, file, request.param)
    yield found
    found.page.close()


def test_it_complains_of_nothing_and_asks_for_nothing(opened: Opened, file: Path) -> None:
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith("data:")] == [file.as_uri()]


def test_it_is_no_wider_than_the_window(opened: Opened) -> None:
    assert opened.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_every_figure_is_seen_once_at_this_width(opened: Opened) -> None:
    for figure in opened.page.locator("figure").all():
        seen = [one for one in figure.locator(".drawing").all() if one.is_visible()]
        assert len(seen) == 1
        box = seen[0].locator("svg").first.bounding_box()
        assert box is not None
        assert box["width"] > 250
        assert box["height"] > 40


def test_no_word_of_a_figure_is_cut_off(opened: Opened) -> None:
    cut = opened.page.evaluate(
        """[...document.querySelectorAll('figure svg')].filter(svg => svg.getClientRects().length).flatMap(svg => {
            const box = svg.getBoundingClientRect();
            return [...svg.querySelectorAll('text')].filter(text => {
                const one = text.getBoundingClientRect();
                return one.width && (one.left < box.left - 1 || one.right > box.right + 1 ||
                                     one.top < box.top - 2 || one.bottom > box.bottom + 2);
            }).map(text => text.closest('figure').dataset.figure + ': ' + text.textContent);
        })"""
    )
    assert cut == []


def test_tables_and_bars_equal_the_results(opened: Opened, ahasd_run: Path) -> None:
    document = json.loads((ahasd_run / "results.json").read_text())
    section = opened.page.locator("section").nth(1)
    assert section.locator(".answer").inner_text() == document["verdict"]["sentence"]
    expected = {name: joules for name, joules in document["energy_j"].items() if joules}
    figure = section.locator("figure[data-figure=energy]")
    rows = figure.locator("tbody tr").all()
    table = {
        row.locator("td").nth(0).text_content(): float(row.locator("td").nth(1).text_content())
        for row in rows
    }
    assert table == expected
    # What is drawn, by the lengths of the bars.
    bars = figure.locator("g.mark-rect path").all()
    widths = [float(re.findall(r"h([\d.]+)", bar.get_attribute("d"))[0]) for bar in bars]
    assert len(widths) == len(expected)
    for width, joules in zip(widths, expected.values(), strict=True):
        assert width / max(widths) == pytest.approx(joules / max(expected.values()), abs=0.01)


def test_the_csv_behind_a_figure_has_all_its_rows(opened: Opened, ahasd_run: Path) -> None:
    link = opened.page.locator("section").nth(1).locator("figure[data-figure=energy] a[download]")
    text = opened.page.evaluate("async address => atob(address.split(',')[1])", link.get_attribute("href"))
    head, *rows = text.splitlines()
    assert head == "component,joules"
    document = json.loads((ahasd_run / "results.json").read_text())
    assert [row.split(",")[0] for row in rows] == [
        name for name, joules in document["energy_j"].items() if joules
    ]


def test_keys_alone_reach_and_open_everything(opened: Opened) -> None:
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0  # a link that is in use is seen
    summaries = page.locator("summary").count()
    assert summaries > 5
    met = 0
    for _ in range(600):
        page.keyboard.press("Tab")
        tag = page.evaluate("document.activeElement.tagName")
        if tag == "SUMMARY":
            met += 1
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.parentElement.open")
            page.keyboard.press("Enter")
            assert not page.evaluate("document.activeElement.parentElement.open")
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        if tag == "BODY":
            break
    assert met == summaries


CONTRASTS = """
() => {
  const light = color => {
    const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$/.test(color)) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!own) continue;
    const style = getComputedStyle(element);
    const ink = element.closest('svg') ? style.fill : style.color;
    if (!/^rgb/.test(ink)) continue;
    const [a, b] = [light(ink), light(ground(element))].sort((x, y) => y - x);
    found.push([(a + 0.05) / (b + 0.05), element.tagName, element.textContent.slice(0, 40)]);
  }
  return found;
}
"""


def test_all_text_has_enough_contrast(opened: Opened) -> None:
    found = opened.page.evaluate(CONTRASTS)
    assert len(found) > 200
    assert [one for one in found if one[0] < LEAST_CONTRAST] == []


def test_markup_in_a_name_is_text(opened: Opened) -> None:
    assert opened.page.locator("script").count() == 0
    assert opened.page.get_by_text("<script>alert(1)</script>").count() > 0
