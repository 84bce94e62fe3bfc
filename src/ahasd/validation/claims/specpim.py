"""SpecPIM's own figures."""

from ahasd.validation.claims.claim import Claim

GROUP = "SpecPIM"
_SOURCE = "SpecPIM (ASPLOS 2024, doi 10.1145/3620666.3651352), geometric means"
_REASON = (
    "its models, scenarios, unit counts, GPUs and search are not public, nor its code, so there is nothing to give "
    "our model of its rule (docs/systems/specpim.md)"
)

#: (id, text, published)
_ROWS = (
    ("specpim-speed-gpu", "speed-up over speculative inference on GPUs", "1.52x"),
    ("specpim-speed-pim", "speed-up over PIM-based accelerators of language models", "2.02x"),
    ("specpim-energy-gpu", "energy efficiency over speculative inference on GPUs", "6.67x"),
    ("specpim-energy-pim", "energy efficiency over PIM-based accelerators of language models", "2.68x"),
)


def claims() -> list[Claim]:
    """The four means."""
    return [Claim(name, GROUP, _SOURCE, text, figure, untestable=_REASON) for name, text, figure in _ROWS]
