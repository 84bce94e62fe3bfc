"""docs/claims.md holds every claim, and its figures are those that the code gives today."""

import re
from collections import Counter
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pytest

from ahasd.claims.findings import examine
from ahasd.claims.ledger import all_claims, claims_named
from ahasd.claims.measuring.known_runs import KnownRuns
from ahasd.claims.verdict import CRITERION
from ahasd.report.claims.ledger import conditions_table, ledger_table
from ahasd.rtl.synthesis.synthesis import INSTALL, LIBERTY

PAGE = Path(__file__).parent.parent / "docs" / "claims.md"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def check(page: str, names: Sequence[str]) -> None:
    """Lines and conditions of some claims, measured again."""
    for finding in examine(claims_named(names), KnownRuns()):
        (line,) = ledger_table([finding]).markdown().splitlines()[2:]
        assert line in page.splitlines()
        if finding.base is not None:
            section = page.partition(f"### `{finding.claim.name}`\n")[2].partition("\n#")[0]
            assert conditions_table(finding).markdown() in section


def test_every_claim_is_there_with_its_published_figure_and_the_criterion(page: str) -> None:
    for claim in all_claims():
        assert f"| `{claim.name}` | {claim.published} |" in page
    assert CRITERION in " ".join(page.split())


def test_the_verdicts_are_counted_as_they_stand_in_the_tables(page: str) -> None:
    tables = page.partition("## Every condition")[0]
    stated = Counter(re.findall(r"^\| `[a-z0-9.-]+` \|[^|]*\|[^|]*\| ([a-z-]+) \|", tables, re.MULTILINE))
    (line,) = re.findall(r"^(\d+) claims: (.*)\.$", page, re.MULTILINE)
    assert {verdict: int(count) for count, verdict in re.findall(r"(\d+) `([a-z-]+)`", line[1])} == stated
    assert sum(stated.values()) == int(line[0]) == len(all_claims())


def test_claims_without_a_measurement_and_of_few_runs_are_those_of_today(page: str) -> None:
    untestable = [claim.name for claim in all_claims() if claim.measurement is None]
    check(page, [*untestable, "ahasd-switching", "amusd-speculative-humaneval"])


@pytest.mark.slow
@pytest.mark.skipif(
    which("yosys") is None or not LIBERTY.is_file() or find_spec("amaranth") is None,
    reason=f"needs the extra rtl, and {INSTALL}",
)
def test_areas_are_those_of_todays_synthesis(page: str) -> None:
    check(page, [claim.name for claim in all_claims() if claim.name.startswith("ahasd-area")])


@pytest.mark.slow
def test_all_quick_claims_are_those_of_today(page: str) -> None:
    check(page, [claim.name for claim in all_claims() if claim.quick])
