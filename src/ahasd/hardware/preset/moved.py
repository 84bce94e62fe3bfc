"""Constants that stand elsewhere than they used to: what was written for earlier versions still reads."""

from typing import Any

from ahasd.errors import AhasdError

#: Keys of earlier versions, and where the constant stands now.
MOVED_KEYS = {
    "pim.aau_lanes": "aau.lanes",
    "pim.aau_latency_cycles": "aau.latency_cycles",
}


def migrated(document: dict[str, Any], where: str) -> dict[str, Any]:
    """Return a hardware document with every constant where it stands today, values and sources as they were.

    Parameters
    ----------
    where
        What to call the document in an error.

    Raises
    ------
    AhasdError
        A constant stands in both places.
    """
    found = {name: dict(part) if isinstance(part, dict) else part for name, part in document.items()}
    for old, new in MOVED_KEYS.items():
        (section, key), (new_section, new_key) = old.split("."), new.split(".")
        part = found.get(section)
        if not isinstance(part, dict) or key not in part:
            continue
        place = found.setdefault(new_section, {})
        if not isinstance(place, dict) or new_key in place:
            raise AhasdError(f"{where}: '{old}' is now '{new}'; give it once")
        place[new_key] = part.pop(key)
    return found


def refuse_moved(key: str) -> None:
    """Refuse a key of earlier versions that is asked for by name.

    Raises
    ------
    AhasdError
        It is one; the message says where the constant stands now.
    """
    if key in MOVED_KEYS:
        raise AhasdError(f"--set {key}: this constant is now '{MOVED_KEYS[key]}'")
