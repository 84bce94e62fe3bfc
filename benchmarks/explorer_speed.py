"""The explorer: how soon a page is there, and how soon an answer follows a change, family by family.

Run with ``python benchmarks/explorer_speed.py`` (extra ``explorer``; for the page also Playwright and Chromium).
An answer is timed twice: in CPU milliseconds of the process that works it out, and in milliseconds on the clock from
a key pressed on a slider to the sentence that follows, with everything between. Other work of the machine lengthens
the latter. It ends with 1 where a median is over its limit.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from statistics import median
from typing import Any

from ahasd.explorer.answers import answer, first_design, form_names
from ahasd.explorer.state import Design

ANSWER_LIMIT_MS, PAINT_LIMIT_MS = 300.0, 2000.0
KEYS = 7

#: The slider of the page that is moved.
SLIDER = "memory.channel gb per second"

#: What is changed in a family, and to which values in turn.
CHANGED = {
    "speculation": ("memory.channel_gb_per_second", ("5", "6", "7", "8", "9", "10", "11")),
    "experts": ("seed", ("1", "2", "3", "4", "5", "6", "7")),
    "sparse_attention": ("budget", ("512", "1024", "1536", "2560", "3072", "3584", "4096")),
    "speech": ("sound_tokens", ("100", "200", "400", "500", "600", "700", "800")),
    "graph_ordering": ("method", ("given", "rpo", "auto")),
    "private_inference": ("link", ("lan", "wan")),
}


def changes_of(family: str) -> Iterator[Design]:
    """Designs of a family, each with one value unlike the last: what a slider or a choice asks for."""
    name, values = CHANGED[family]
    for value in values:
        yield first_design(family).changed(name, value)


def answers_ms(family: str) -> tuple[float, float]:
    """CPU milliseconds of a family's first answer, and of the median one that follows a change."""
    taken = []
    for design in [first_design(family), *changes_of(family)]:
        start = time.process_time()
        found = answer(design)
        taken.append((time.process_time() - start) * 1e3)
        if found.error:
            raise SystemExit(f"{family}: {found.error}")
    return taken[0], median(taken[1:])


@contextmanager
def served() -> Iterator[str]:
    """The address of an explorer that runs until the end."""
    command = [sys.executable, "-m", "ahasd", "explore", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield next(
                word for word in process.stdout.readline().split() if word.startswith("http://127.0.0.1:")
            )
        finally:
            process.terminate()


def milliseconds(*actions: Callable[[], object]) -> float:
    """What they take on the clock, one after another."""
    start = time.perf_counter()
    for action in actions:
        action()
    return (time.perf_counter() - start) * 1e3


def on_the_page(address: str) -> dict[str, float]:
    """Milliseconds of the page in a browser: painted, answered, and following a slider."""
    from playwright.sync_api import sync_playwright

    sentence = "document.querySelector('.answer')?.textContent"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        page: Any = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(120_000)

        def answered(old: str) -> str:
            page.wait_for_function(
                f"old => {{ const now = {sentence}; return now && now !== old; }}", arg=old
            )
            return str(page.evaluate(sentence))

        found: dict[str, float] = {}
        for visit in ("first", "later"):
            whole = milliseconds(lambda: page.goto(address), lambda: answered("Working it out …"))
            paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
            found[f"{visit} visit: something is painted"] = float(page.evaluate(paint))
            found[f"{visit} visit: the first answer stands"] = whole
        slider = page.get_by_role("slider", name=SLIDER)
        taken = []
        for _ in range(KEYS):
            old = str(page.evaluate(sentence))
            slider.focus()
            taken.append(milliseconds(partial(page.keyboard.press, "ArrowRight"), partial(answered, old)))
        found["a key on a slider: the sentence follows"] = median(taken)
        browser.close()
    return found


def main() -> None:
    """Measure, print, and compare with the limits."""
    slow = False
    for family in form_names():
        first, later = answers_ms(family)
        slow |= later > ANSWER_LIMIT_MS
        print(f"{family:45} first {first:7.0f} ms, after a change {later:7.0f} ms of CPU time")
    with served() as address:
        for what, taken in on_the_page(address).items():
            limit = PAINT_LIMIT_MS if "painted" in what else None if "visit" in what else ANSWER_LIMIT_MS
            slow |= limit is not None and taken > limit
            print(f"{what:45} {taken:7.0f} ms on the clock" + (f" (at most {limit:g})" if limit else ""))
    if slow:
        sys.exit(1)


if __name__ == "__main__":
    main()
