"""The ledger of claims as JSON, as a page, and as a table."""

from collections.abc import Sequence
from typing import Any

from ahasd.claims.claim import Claim
from ahasd.claims.findings import Finding, decides, together
from ahasd.claims.measuring.known_runs import DEFAULT_SEEDS, DEFAULT_TOKENS, KnownRuns
from ahasd.claims.measuring.value import Value
from ahasd.claims.verdict import CRITERION, Judged, Verdict
from ahasd.report.comparison.comparison import markdown_table

SCHEMA_VERSION = 1

HEAD = ("claim", "published", "ours", "verdict", "what decides")


def row(finding: Finding) -> list[str]:
    """A line of the ledger, in the order of :data:`HEAD`."""
    claim = finding.claim
    ours = written(claim, finding.base.value) if finding.base and finding.base.value else ""
    return [f"`{claim.name}`", claim.published, ours, finding.verdict.value, decides(finding)]


def written(claim: Claim, value: Value) -> str:
    """A figure with its interval, in the unit of the claim."""
    mean = _figure(claim, value.mean)
    if value.low == value.high:
        return mean
    return f"{mean} ({_figure(claim, value.low)} to {_figure(claim, value.high)})"


def reproduce(claim: Claim, known_runs: KnownRuns) -> str:
    """The command that measures a claim again."""
    changed = [f" --tokens {known_runs.tokens}"] if known_runs.tokens != DEFAULT_TOKENS else []
    changed += [f" --seeds {known_runs.seeds}"] if known_runs.seeds != DEFAULT_SEEDS else []
    return f"ahasd claims --only {claim.name}" + "".join(changed)


def claims_json(findings: Sequence[Finding], known_runs: KnownRuns) -> dict[str, Any]:
    """The ledger as a document."""
    return {
        "schema_version": SCHEMA_VERSION,
        "criterion": CRITERION,
        "tokens": known_runs.tokens,
        "seeds": known_runs.seeds,
        "claims": [_entry(finding, known_runs) for finding in findings],
    }


def claims_page(findings: Sequence[Finding], known_runs: KnownRuns) -> str:
    """The ledger in Markdown: a table per group, then every condition that was tried."""
    parts = [
        "# Published claims, and what our models say of them\n",
        f"Written by `ahasd claims --output docs/claims.md`: {known_runs.seeds} seeds, {known_runs.tokens} tokens. "
        "`ahasd claims --only ID` measures a claim again, `ahasd sensitivity --claim ID` shows what moves it.\n",
        f"**Criterion.** {CRITERION}\n",
        summary(findings) + "\n",
    ]
    for group in dict.fromkeys(finding.claim.group for finding in findings):
        of_group = [finding for finding in findings if finding.claim.group == group]
        sources = dict.fromkeys(finding.claim.source for finding in of_group)
        parts += [f"## {group}\n", f"Source: {'; '.join(sources)}.\n", markdown_table(HEAD, rows(of_group))]
        parts.append(_at_once(of_group))
    parts.append("## Every condition\n")
    parts.append(
        "Means and 95 % intervals over seeds; as run, the interval of energy and power spans the energy constants' "
        "ranges too.\n"
    )
    for finding in findings:
        if finding.base is not None:
            claim = finding.claim
            said = f"{claim.text[0].upper()}{claim.text[1:]}: {claim.published} ({claim.source})."
            parts.append(f"### `{claim.name}`\n\n{said} Again: `{reproduce(claim, known_runs)}`.\n")
            parts.append(markdown_table(("condition", "ours", "verdict"), condition_rows(finding)))
    return "\n".join(parts)


def rows(findings: Sequence[Finding]) -> list[list[str]]:
    """The lines of several findings."""
    return [row(finding) for finding in findings]


def condition_rows(finding: Finding) -> list[list[str]]:
    """Condition, figure and verdict of each condition of a claim, the default first."""
    every = [finding.base, *finding.others] if finding.base is not None else []
    return [
        [judged.condition.said or "as run", _ours(finding.claim, judged), judged.verdict.value]
        for judged in every
    ]


def summary(findings: Sequence[Finding]) -> str:
    """How many claims have each verdict."""
    verdicts = [finding.verdict for finding in findings]
    counts = [f"{verdicts.count(verdict)} `{verdict.value}`" for verdict in Verdict if verdict in verdicts]
    return f"{len(findings)} claims: " + ", ".join(counts) + "."


def _at_once(findings: Sequence[Finding]) -> str:
    """Figures that are met under different conditions are not met together."""
    said, met, measured = together(findings)
    if measured < 2 or not met:
        return ""
    return f"The condition that meets the most of these at once: {said} ({met} of {measured}).\n"


def _ours(claim: Claim, judged: Judged) -> str:
    return written(claim, judged.value) if judged.value is not None else f"cannot run: {judged.refused}"


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
                "condition": judged.condition.said or "as run",
                "ours": _value(judged.value),
                "verdict": judged.verdict.value,
                "refused": judged.refused or None,
            }
            for judged in ([base, *finding.others] if base is not None else [])
        ],
        "reproduce": reproduce(claim, known_runs),
    }


def _value(value: Value | None) -> dict[str, float] | None:
    return None if value is None else {"mean": value.mean, "low": value.low, "high": value.high}


def _figure(claim: Claim, number: float) -> str:
    if claim.style == "change":
        return f"{number - 1:+.1%}"
    if claim.style == "share":
        return f"{number:.1%}"
    if claim.style == "seconds":
        return f"{number * 1e6:.3g} us"
    return f"{number:.3g}" + ("x" if claim.style == "ratio" else "")
