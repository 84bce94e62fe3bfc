"""What was accepted: how many tokens of a pass, and how that depends on the draft's entropy."""

from ahasd.report.pictures.columns import Columns
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.style import BLUE
from ahasd.speculation.results import SpeculationResult


def acceptance_histogram(result: SpeculationResult) -> Figure | None:
    """How many passes of the target accepted how many drafted tokens; None where nothing was drafted."""
    about = result.speculation
    if not about.drafted:
        return None
    rows = sorted(about.accepted_histogram.items())
    return Figure(
        "accepted",
        "Drafted tokens accepted by a pass",
        f"{about.mean_acceptance_length:.2f} tokens come of a pass of the target on average, its own included.",
        Columns.of(("accepted", "passes"), rows),
        {
            "height": 170,
            "mark": {"type": "bar"},
            "encoding": {
                "x": {
                    "field": "accepted",
                    "type": "ordinal",
                    "title": "accepted tokens",
                    "axis": {"labelAngle": 0, "labelOverlap": True},
                },
                "y": {"field": "passes", "type": "quantitative", "title": "passes of the target"},
            },
        },
    )


def acceptance_by_entropy(bins: Columns) -> Figure:
    """Acceptance over entropy, with intervals."""
    first, last = bins.rows[0], bins.rows[-1]
    x = {"field": "entropy_nats", "type": "quantitative", "title": "entropy of the draft, nats"}
    return Figure(
        "entropy",
        "Entropy against acceptance",
        f"At {first[0]:.2g} nats {first[1]:.0%} are accepted, at {last[0]:.2g} nats {last[1]:.0%}: the trace's first "
        "drafted tokens, as many in each point.",
        bins,
        {
            "height": 170,
            "encoding": {"x": x},
            "layer": [
                {
                    "mark": {"type": "area", "opacity": 0.2, "color": BLUE},
                    "encoding": {
                        "y": {"field": "low", "type": "quantitative", "title": "accepted"},
                        "y2": {"field": "high"},
                    },
                },
                {
                    "mark": {"type": "line", "point": {"filled": True, "color": BLUE}},
                    "encoding": {
                        "y": {
                            "field": "acceptance",
                            "type": "quantitative",
                            "title": "accepted",
                            "axis": {"format": "%"},
                            "scale": {"domain": [0, 1]},
                        }
                    },
                },
            ],
        },
    )
