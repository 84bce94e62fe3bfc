"""What a person would say of an order."""

from ahasd.graph_ordering.outcome import Outcome
from ahasd.report.ordering.sizes import kilobytes, less


def sentence(outcome: Outcome) -> str:
    """Say the peak, whether it is the least, and how far it is from the given order and from reverse post-order."""
    ours, given, rpo = (
        order.peak_bytes for order in (outcome.chosen, outcome.given, outcome.reverse_post_order)
    )
    if outcome.optimal:
        said = f"The least peak is {kilobytes(ours)}, proved"
    else:
        room = (1 - outcome.bound / ours) * 100
        said = (
            f"The peak by {outcome.chosen.method} is {kilobytes(ours)}, not proved to be the least (none goes below "
            f"{kilobytes(outcome.bound)}, {room:.1f} % less)"
        )
    if ours == given == rpo:
        return f"{said}: the given order and reverse post-order have it, too."
    return (
        f"{said}: {less(ours, given)} the given order's {kilobytes(given)} and {less(ours, rpo)} reverse post-order"
        f"{'' if rpo == given else f' ({kilobytes(rpo)})'}."
    )
