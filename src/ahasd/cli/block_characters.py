"""Whether a terminal can show bars."""


def has_blocks(encoding: str | None) -> bool:
    """Say whether an encoding has the block characters that bars are drawn with."""
    try:
        "▁▂▃▄▅▆▇█".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
