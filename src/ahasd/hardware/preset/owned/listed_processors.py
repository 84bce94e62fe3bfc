"""NPUs and CPUs that people own: the rows of ``processors.csv``."""

import csv
from functools import cache
from importlib import resources
from io import StringIO
from typing import cast

from ahasd.hardware.preset.owned.owned_processor import Group, Kind, ListedProcessor


@cache
def listed_processors() -> tuple[ListedProcessor, ...]:
    """In the order of the file."""
    text = (resources.files("ahasd.hardware.preset.owned") / "processors.csv").read_text(encoding="utf-8")
    return tuple(
        ListedProcessor(
            name=row["name"],
            title=row["title"],
            kind=cast(Kind, row["kind"]),
            group=cast(Group, row["group"]),
            device=row["device"],
            peak=float(row["peak_gb_s"]) * 1e9,
            row=row,
        )
        for row in csv.DictReader(StringIO(text))
    )
