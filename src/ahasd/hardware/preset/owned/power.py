"""What a board draws, by the text of a published figure."""

import re
from typing import Any

from ahasd.hardware.preset.owned.constant import constant, ours

#: A board at rest over a board at work where only the latter is published (ours: 0.08 to 0.17 on the presets that
#: have both).
REST = 0.1


def powers(text: str, source: str, unread: bool) -> dict[str, Any]:
    """Constants of a GPU's power; none where none is published.

    Parameters
    ----------
    text
        Such as ``"575"``, ``"7-25 (MAXN)"`` or ``"48-69 measured under load, 17-18 idle"``.
    """
    work = [float(each) for each in re.findall(r"\d+(?:\.\d+)?", text.split(",")[0])]
    if not work:
        return {}
    most = max(work)
    limit = constant(most, f"{text.strip()} W ({source}); drawn while kernels run (ours)", unread)
    if len(work) > 1:
        limit["range"] = [min(work), most]
    return {
        "limit_w": limit,
        "idle_w": ours(REST * most, f"{REST:.0%} of what it draws at work"),
    }
