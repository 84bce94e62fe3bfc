"""How help is laid out: in boxes, or as plain text where they would cut names off."""

from shutil import get_terminal_size
from typing import Literal

#: Columns below which boxes have no room for names of options (ours).
LEAST_COLUMNS = 80


def help_layout() -> Literal["rich"] | None:
    """The layout for the terminal that there is."""
    return "rich" if get_terminal_size().columns >= LEAST_COLUMNS else None
