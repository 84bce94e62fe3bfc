"""The drafting algorithm of a run: from text to numbers, and whether the draft has what it reads."""

from typing import Any

from ahasd.errors import AhasdError
from ahasd.speculation.drafting.calibrate import calibrate
from ahasd.speculation.drafting.specification import AlgorithmSpec, build_policy, parse_algorithm
from ahasd.traces.rollout.rollout import RolloutTrace

#: AMUSD's rule (arXiv 2410.17375), in place of a drafting algorithm of method "async": the draft goes on until the
#: text takes another way, without a look-ahead, and the target judges all there is as soon as that is two tokens.
AMUSD = "amusd"

#: What stands in for a policy there: where its batches end is of no account.
AMUSD_BATCHES = "fixed:1024"

#: What AMUSD is compared with in its paper: five tokens by turns.
AMUSD_BASELINE = "fixed:5"


def check_amusd(method: str, control: str | None) -> None:
    """Raise AhasdError if AMUSD's rule is asked for where it does not hold."""
    if method != "async":
        raise AhasdError(
            f"algorithm '{AMUSD}' drafts while the target verifies, and method '{method}' takes turns; take method "
            f"'async', or AMUSD's baseline: method 'speculative' with algorithm '{AMUSD_BASELINE}'"
        )
    if control is not None:
        raise AhasdError(
            f"control='{control}' has the draft wait, and algorithm '{AMUSD}' never does; leave one out"
        )


def resolve_algorithm(algorithm: str | AlgorithmSpec, trace: RolloutTrace | None = None) -> AlgorithmSpec:
    """Give the algorithm with every number known.

    Parameters
    ----------
    algorithm
        As a user writes it ("svip:h=0.3", "adaedl:calibrated=4"), or parsed; "amusd" only behind `check_amusd`.
    trace
        What a threshold is calibrated on, recorded from the pair at hand.

    Raises
    ------
    AhasdError
        If it is not valid, or to be calibrated without a trace.
    """
    if algorithm == AMUSD:
        return parse_algorithm(AMUSD_BATCHES)
    spec = parse_algorithm(algorithm) if isinstance(algorithm, str) else algorithm
    if not isinstance(spec, AlgorithmSpec):
        raise AhasdError(f"algorithm is {algorithm!r}; give a text such as 'fixed:4', or an AlgorithmSpec")
    if spec.to_calibrate is None or trace is None:
        build_policy(spec)  # says what is missing
        return spec
    return calibrate(spec, trace)


def check_head(algorithm: AlgorithmSpec, head: Any, draft: str) -> None:
    """Check that an algorithm that reads an acceptance head finds one.

    Parameters
    ----------
    head
        The draft's acceptance head, None if it has none.
    draft
        Name of the draft, for the message.

    Raises
    ------
    AhasdError
        If it does not.
    """
    if algorithm.algorithm.needs_predicted_acceptance and head is None:
        raise AhasdError(
            f"algorithm '{algorithm}' reads an acceptance head, and draft '{draft}' has none "
            "(acceptance_head.safetensors in its folder); train one for it, or take another algorithm, such "
            "as svip or adaedl"
        )
