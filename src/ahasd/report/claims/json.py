"""The ledger of claims as JSON."""

from collections.abc import Sequence
from typing import Any

from ahasd.claims.findings import Finding, decides
from ahasd.claims.measuring.known_runs import KnownRuns
from ahasd.claims.measuring.value import Value
from ahasd.claims.verdict import CRITERION
from ahasd.report.claims.figures import condition_text
from ahasd.report.claims.ledger import reproduce

SCHEMA_VERSION = 1


def ledger_json(findings: Sequence[Finding], known_runs: KnownRuns) -> dict[str, Any]:
    """The ledger as a document."""
    return {
        "schema_version": SCHEMA_VERSION,
        "criterion": CRITERION,
        "tokens": known_runs.tokens,
        "seeds": known_runs.seeds,
        "claims": [_entry(finding, known_runs) for finding in findings],
    }


def _entry(finding: Finding, known_runs: KnownRuns) -> dict[str, Any]:
    claim, base = finding.claim, finding.base
    return {
        "id": claim.name,
        "group": claim.group,
        "source": claim.source,
        "claim": claim.text,
        "published": claim.published,
        "ours": _value(base.value) if base is not None else None,
        "verdict": finding.verdict.value,
        "decides": decides(finding),
        "conditions": [
            {
                "condition": condition_text(judged),
                "ours": _value(judged.value),
                "verdict": judged.verdict.value,
                "refused": judged.refused or None,
            }
            for judged in finding.every
        ],
        "reproduce": reproduce(claim, known_runs),
    }


def _value(value: Value | None) -> dict[str, float] | None:
    return None if value is None else {"mean": value.mean, "low": value.low, "high": value.high}
