"""What the ledger of claims looks like: verdicts counted, and every claim with what is published and what is ours."""

from collections import Counter

from ahasd.errors import AhasdError
from ahasd.report.pictures.columns import Columns, Details
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.view import Document, Shown, View, Window
from ahasd.report.table import Table, left, right

#: Of the document of a ledger.
SCHEMA_VERSION = 1


class ClaimsView(View):
    """Claims by verdict."""

    name = "claims"
    page = "claims.md"

    def reads(self, document: Document) -> bool:
        """Whether this is what ``ahasd claims --json`` prints."""
        return "claims" in document and "criterion" in document

    def show(self, document: Document, details: Details, window: Window | None = None) -> Shown:
        """How many hold, a row for each, and the counts by group."""
        if document.get("schema_version") != SCHEMA_VERSION:
            raise AhasdError(
                f"a ledger of schema {document.get('schema_version')!r}; this version reads {SCHEMA_VERSION}"
            )
        try:
            return _shown(document)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise AhasdError(f"a ledger that `ahasd claims` did not write: {error!r}") from error


def _shown(document: Document) -> Shown:
    claims = document["claims"]
    rows = [
        (
            claim["id"],
            claim["claim"],
            str(claim["published"]),
            "" if claim["ours"] is None else f"{claim['ours']['mean']:.3g}",
            claim["verdict"],
        )
        for claim in claims
    ]
    verdicts = Counter(claim["verdict"] for claim in claims)
    said = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
    columns = (*left("claim", "what it says", "published"), *right("ours"), *left("verdict"))
    return Shown(
        sentence=f"Of {len(claims)} published claims: {said}.",
        title="Ledger of claims",
        tables=(Table(columns, rows),),
        figures=(_by_group(document),) if claims else (),
        notes=(str(document["criterion"]),),
        asked={name: document[name] for name in ("tokens", "seeds") if name in document},
    )


def _by_group(document: Document) -> Figure:
    counts = Counter((claim["group"], claim["verdict"]) for claim in document["claims"])
    rows = [(group, verdict, count) for (group, verdict), count in counts.items()]
    return Figure(
        "claims",
        "Verdicts by paper",
        "How many claims of each paper hold, hold under a condition, or do not.",
        Columns.of(("paper", "verdict", "claims"), rows),
        {
            "height": {"step": 26},
            "mark": {"type": "bar", "height": 18},
            "encoding": {
                "x": {
                    "field": "claims",
                    "type": "quantitative",
                    "title": "claims",
                    "axis": {"tickMinStep": 1},
                },
                "y": {"field": "paper", "type": "nominal", "title": None, "sort": None},
                "color": {"field": "verdict", "type": "nominal", "title": None},
            },
        },
    )


VIEW: View = ClaimsView()
