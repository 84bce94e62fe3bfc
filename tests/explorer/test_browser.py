"""The explorer in headless Chromium: it follows what is chosen, asks nobody else, and is used by keys alone."""

import json
import shlex
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    command = [sys.executable, "-m", "ahasd", "explore", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        yield next(word for word in served.stdout.readline().split() if word.startswith("http://127.0.0.1:"))
        served.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE_MS)
        yield opened
        opened.close()


class Opened:
    """The page, and everything that it asked for or complained of."""

    def __init__(self, browser: Any, address: str, width: int) -> None:
        self.page = browser.new_page(viewport={"width": width, "height": 900})
        self.page.set_default_timeout(PATIENCE_MS)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(address)
        self.answered()

    def answered(self, other_than: str = "Working it out …", side: int = 0) -> str:
        """The sentence, once it is another one."""
        self.page.wait_for_function(
            "([side, old]) => { const found = document.querySelectorAll('.answer')[side]; "
            "return found && found.textContent && found.textContent !== old; }",
            arg=[side, other_than],
        )
        return str(self.page.locator(".answer").nth(side).text_content())

    def command(self, side: int = 0) -> str:
        return str(self.page.locator(".command").nth(side).text_content())


@pytest.fixture(params=[390, 1440])
def opened(request: pytest.FixtureRequest, browser: Any, address: str) -> Iterator[Opened]:
    found = Opened(browser, address, request.param)
    yield found
    assert found.complaints == []
    assert [url for url in found.requests if not url.startswith(("http://127.0.0.1:", "data:"))] == []
    assert found.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found.page.close()


def sentence_of(command: str) -> str:
    """What the command says that the page shows."""
    words = shlex.split(command)
    assert words[0] == "ahasd"
    run = [sys.executable, "-m", "ahasd", *words[1:], "--json"]
    return str(
        json.loads(subprocess.run(run, capture_output=True, text=True, check=True).stdout)["verdict"][
            "sentence"
        ]
    )


def test_a_slider_moved_by_keys_moves_the_sentence_which_is_that_of_the_command(opened: Opened) -> None:
    before = opened.answered()
    slider = opened.page.get_by_role("slider", name="memory.channel gb per second")
    slider.focus()
    for _ in range(3):
        opened.page.keyboard.press("ArrowRight")
    after = opened.answered(other_than=before)
    opened.page.wait_for_timeout(3000)  # the last of three changes
    assert "memory.channel_gb_per_second=" in opened.command()
    after = opened.answered(other_than=before)
    assert after == sentence_of(opened.command())


def test_keys_alone_reach_every_slider_in_sight(opened: Opened) -> None:
    met = set()
    for _ in range(80):
        opened.page.keyboard.press("Tab")
        at = "document.activeElement"
        label = opened.page.evaluate(f"{at}.getAttribute('aria-label') || ''")
        met.add(label)
        if label == "memory.channel gb per second":
            assert opened.page.evaluate(f"getComputedStyle({at}).outlineStyle") == "solid"
    assert {"acceptance", "memory.channel gb per second", "memory.bus efficiency"} <= met


def test_two_designs_stand_side_by_side_and_come_back_from_the_link(
    opened: Opened, browser: Any, address: str
) -> None:
    opened.page.get_by_role("button", name="Beside a second design").click()
    opened.page.locator(".panel").nth(1).wait_for()
    first, second = opened.answered(), opened.answered(side=1)
    assert first == second
    algorithm = opened.page.get_by_label("algorithm").nth(1)
    algorithm.fill("fixed:2")
    changed = opened.answered(other_than=second, side=1)
    assert opened.answered() == first
    link = str(opened.page.locator(".link").text_content())
    again = Opened(browser, link, 1440)
    assert again.answered() == first
    assert again.answered(side=1) == changed
    assert "--algorithm fixed:2" in again.command(side=1)
    again.page.close()


def test_markup_is_text(browser: Any, address: str) -> None:
    wrong = "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"
    found = Opened(browser, f"{address}&a.family=speculation&a.pair={wrong}", 1440)
    assert "<img src=x onerror=alert(1)>" in found.answered()
    assert found.complaints == []
    found.page.close()


def test_a_model_of_ones_own_is_taken_and_garbage_is_refused(
    browser: Any, address: str, tmp_path: Path
) -> None:
    found = Opened(browser, address, 1440)
    before = found.answered()
    found.page.get_by_text("A model of your own").click()
    config = tmp_path / "config.json"
    config.write_text("not a model")
    found.page.locator("input[type=file]").first.set_input_files(str(config))
    assert "config" in found.answered(other_than=before)
    assert "error" in found.answered(other_than=before)
    found.page.close()


def test_a_bad_token_is_forbidden(address: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(address.partition("token=")[0] + "token=wrong")
    assert refused.value.code == 403
