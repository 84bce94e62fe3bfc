"""What leaving experts out costs a mixture: the answer first, then a table by threshold."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ahasd.report.fitted import fitted
from ahasd.report.table import Table, right
from ahasd.report.text import paragraphs

if TYPE_CHECKING:
    from ahasd.decoding.experts.gate_quality import GateQuality

#: Rise of the perplexity up to which the answer recommends a threshold (ours).
LITTLE = 0.01


def gate_quality_text(
    mixture: str, source: str, found: "Sequence[tuple[float, GateQuality]]", little: float = LITTLE
) -> str:
    """Say how much can be left out for little, and lay all thresholds out.

    Parameters
    ----------
    source
        Whose the sensitivities are.
    found
        By threshold; that of 0, or else the lowest, is what the others are held against.
    """
    base = min(found, key=lambda one: one[0])
    rows = [
        (
            f"{threshold:g}",
            f"{one.fewer:.1%}",
            f"{one.experts:.3f}",
            f"{one.perplexity:.3f}",
            f"{one.perplexity / base[1].perplexity - 1:+.2%}",
            f"{one.divergence:.5f}",
            f"{one.same_choice:.1%}",
        )
        for threshold, one in found
    ]
    columns = right("threshold", "one expert", "experts", "perplexity", "change", "KL, nats", "same choice")
    notes = [
        f"The sensitivities of its layers are {source}.",
        "One expert: share of tokens and layers where the second is left out; experts: used by a token in a layer. "
        f"Change: of the perplexity, against threshold {base[0]:g}. KL: from the model with all its experts, of the "
        "next token.",
    ]
    return (
        "\n".join(paragraphs([_answer(mixture, found, base, little)]))
        + "\n\n"
        + fitted(Table(columns, rows, notes=notes))
    )


def _answer(
    mixture: str,
    found: "Sequence[tuple[float, GateQuality]]",
    base: "tuple[float, GateQuality]",
    little: float,
) -> str:
    cheap = [
        one for one in found if one[1].fewer > 0 and one[1].perplexity <= (1 + little) * base[1].perplexity
    ]
    if not cheap:
        return (
            f"{mixture or 'The mixture'}: no threshold of these leaves experts out and raises the perplexity by less "
            f"than {little:.0%}."
        )
    threshold, best = max(cheap, key=lambda one: one[1].fewer)
    return (
        f"{mixture or 'The mixture'}: with threshold {threshold:g} the second expert is left out in {best.fewer:.1%} "
        f"of cases ({best.experts:.2f} experts in the mean) and the perplexity goes from {base[1].perplexity:.3f} to "
        f"{best.perplexity:.3f}."
    )


def gate_quality_json(
    mixture: str, source: str, found: "Sequence[tuple[float, GateQuality]]"
) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "model": mixture,
        "sensitivities": source,
        "thresholds": [
            {
                "threshold": threshold,
                "single_expert_ratio": one.fewer,
                "experts_per_token": one.experts,
                "loss_nats": one.loss,
                "perplexity": one.perplexity,
                "kl_nats": one.divergence,
                "same_choice": one.same_choice,
            }
            for threshold, one in found
        ],
    }
