"""Running a case and saying what was wrong with how it ended."""

import json
import math
import resource
import signal
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .cases import Case, expected

#: What a case may take.
SECONDS, BYTES = 20, 10**9

#: Parts of a result that repeat what was asked for.
ASKED = ("options", "reproduce", "placement")


class HungError(BaseException):
    """A case took too long; nothing but us may catch it."""


def judge(case: Case, folder: Path) -> str | None:
    """Run a case; None, or what was wrong."""
    before = _peak_bytes()
    ending: BaseException | None = None

    def ring(*_: object) -> None:
        raise HungError

    earlier = signal.signal(signal.SIGALRM, ring)
    signal.alarm(SECONDS)
    try:
        case()
    except BaseException as error:
        ending = error
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, earlier)
    if isinstance(ending, KeyboardInterrupt):
        raise ending
    if isinstance(ending, HungError):
        frames = traceback.extract_tb(ending.__traceback__)[-3:]
        return (
            f"took more than {SECONDS} s at {[f'{frame.filename[-40:]}:{frame.lineno}' for frame in frames]}"
        )
    if not expected(ending):
        assert ending is not None
        return "".join(traceback.format_exception(ending)[-3:])[-700:]
    if _peak_bytes() - before > BYTES:
        return f"took {(_peak_bytes() - before) / 1e9:.1f} GB"
    results = folder / "out" / "results.json"
    if results.is_file():
        impossible = list(_impossible(json.loads(results.read_text()), ""))
        if impossible:
            return f"impossible figures: {impossible[:5]}"
    return None


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _impossible(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            if name or key not in ASKED:
                yield from _impossible(part, f"{name}.{key}")
    elif isinstance(value, list):
        for part in value:
            yield from _impossible(part, name)
    elif (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and not (math.isfinite(value) and value >= 0)
    ):
        yield f"{name} = {value}"
