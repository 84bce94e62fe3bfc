"""A constant of a made preset: the number, where it is from, and whether anybody read it."""

from typing import Any

#: How the source of a figure begins that no page was read for.
NOT_READ = "not read"
#: The source of energy constants of an NPU of which one power is published, and nothing else.
ALL_IN_STATIC = "in energy.npu_static_mw"
#: How the source of a figure begins that is not published of this device, but usual of its kind.
USUAL = "usual"


def constant(value: Any, source: str, unread: bool = False) -> dict[str, Any]:
    """An entry of a preset's document.

    Parameters
    ----------
    unread
        Whether the figure was recalled or derived, and not read.
    """
    return {"value": value, "source": f"{NOT_READ}: {source}" if unread else source}


def usual(value: Any, source: str) -> dict[str, Any]:
    """An entry that is published of other devices of the kind, and not of this one."""
    return {"value": value, "source": f"{USUAL} of its kind: {source}"}


def ours(value: Any, source: str) -> dict[str, Any]:
    """An entry that is nobody's but ours."""
    return {"value": value, "source": f"ours: {source}"}
