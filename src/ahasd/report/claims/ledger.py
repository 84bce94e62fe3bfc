"""The ledger of claims: a page, and a table for the terminal."""

from collections.abc import Sequence
from typing import Any

from ahasd.claims.claim import Claim
from ahasd.claims.findings import Finding, count_verdicts, decides, together
from ahasd.claims.measuring.defaults import DEFAULT_SEEDS, DEFAULT_TOKENS
from ahasd.claims.measuring.known_runs import KnownRuns
from ahasd.claims.verdict import CRITERION
from ahasd.report.claims.figures import condition_text, figure_text, judged_text
from ahasd.report.fitted import fitted
from ahasd.report.markdown import wrapped
from ahasd.report.table import Table, left


def ledger_text(findings: Sequence[Finding]) -> str:
    """The ledger for a terminal, after how many claims hold."""
    plain = [[cell.strip("`") for cell in row] for row in ledger_table(findings).rows]
    table = Table(ledger_table(findings).columns, plain)
    return f"{_said(findings)}\n\n" + fitted(table, all_columns=True)


def _said(findings: Sequence[Finding]) -> str:
    """How many claims hold; of a single one, whether it does."""
    if len(findings) > 1:
        return summary(findings).replace("`", "")
    (finding,) = findings
    claim, base = finding.claim, finding.base
    ours = "" if base is None or base.value is None else f" {figure_text(claim, base.value)} against"
    return f"{claim.name}: {finding.verdict.value}:{ours} {claim.published} published ({claim.text})."


def ledger_page(findings: Sequence[Finding], known_runs: KnownRuns) -> str:
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
        parts += [f"## {group}\n", f"Source: {'; '.join(sources)}.\n", ledger_table(of_group).markdown()]
        parts.append(_at_once(of_group))
    parts.append("## Every condition\n")
    parts.append(
        "Means and 95 % intervals over seeds; as run, the interval of energy and power spans the energy constants' "
        "ranges too.\n"
    )
    for finding in findings:
        if finding.every:
            claim = finding.claim
            said = f"{claim.text[0].upper()}{claim.text[1:]}: {claim.published} ({claim.source})."
            parts.append(f"### `{claim.name}`\n\n{said} Again: `{reproduce(claim, known_runs)}`.\n")
            parts.append(conditions_table(finding).markdown())
    return wrapped("\n".join(parts))


def ledger_table(findings: Sequence[Finding]) -> Table:
    """A line per claim."""
    return Table(left("claim", "published", "ours", "verdict", "what decides"), list(map(_row, findings)))


def conditions_table(finding: Finding) -> Table:
    """Condition, figure and verdict of each condition of a claim, the default first."""
    rows = [
        (condition_text(judged), judged_text(finding.claim, judged), judged.verdict.value)
        for judged in finding.every
    ]
    return Table(left("condition", "ours", "verdict"), rows)


def summary(findings: Sequence[Finding]) -> str:
    """How many claims have each verdict."""
    counts = [f"{count} `{verdict.value}`" for verdict, count in count_verdicts(findings).items()]
    return f"{len(findings)} claims: " + ", ".join(counts) + "."


def reproduce(claim: Claim[Any], known_runs: KnownRuns) -> str:
    """The command that measures a claim again."""
    changed = [f" --tokens {known_runs.tokens}"] if known_runs.tokens != DEFAULT_TOKENS else []
    changed += [f" --seeds {known_runs.seeds}"] if known_runs.seeds != DEFAULT_SEEDS else []
    return f"ahasd claims --only {claim.name}" + "".join(changed)


def _row(finding: Finding) -> tuple[str, ...]:
    claim, base = finding.claim, finding.base
    ours = figure_text(claim, base.value) if base is not None and base.value is not None else ""
    return f"`{claim.name}`", claim.published, ours, finding.verdict.value, decides(finding)


def _at_once(findings: Sequence[Finding]) -> str:
    """Figures that are met under different conditions are not met together."""
    said, met, measured = together(findings)
    if measured < 2 or not met:
        return ""
    return f"The condition that meets the most of these at once: {said} ({met} of {measured}).\n"
