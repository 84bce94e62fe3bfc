import csv
from pathlib import Path

import pytest

from ahasd.hardware.dram.organisation import Refresh

REFERENCE = Path(__file__).parents[2] / "reference"
REFRESH = {"NoRefresh": Refresh.NONE, "AllBank": Refresh.ALL_BANK, "PerBank": Refresh.PER_BANK}


@pytest.fixture(scope="session")
def reference_rows():
    def read(name):
        with (REFERENCE / name).open(newline="") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture(scope="session")
def refresh_named():
    return REFRESH
