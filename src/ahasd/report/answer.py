"""The sentence with which every verdict on drafting begins, predicted from figures or from measured steps."""

from dataclasses import dataclass
from typing import Literal

#: ``measure`` where the interval straddles 1.
Pays = Literal["yes", "no", "measure"]

_VERDICTS: dict[Pays, str] = {"yes": "Do it", "no": "Do not", "measure": "It is open"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said first.

    Attributes
    ----------
    low, mean, high
        Speed-up over the target alone; ends are None where there is no interval.
    way
        "draft-model, 3 tokens a round".
    alone
        Tokens per second of the target alone; None if not known.
    costs
        What a round is made of: "a pass of 4 costs 1.4 steps here".
    break_even
        From where it would pay, as a sentence; "" where nothing is to be said.
    """

    pays: Pays
    mean: float
    low: float | None
    high: float | None
    way: str
    alone: float | None
    costs: str
    break_even: str


def answer_text(answer: Answer) -> str:
    """Say it as a person would."""
    interval = f" ({answer.low:.2f} to {answer.high:.2f})" if None not in (answer.low, answer.high) else ""
    said = f"{_VERDICTS[answer.pays]}: {answer.mean:.2f}x{interval} by {answer.way}."
    if answer.alone is not None:
        said += f" Alone it writes {rate_text(answer.alone)} tokens/s; {answer.costs}."
    return f"{said} {answer.break_even}".rstrip()


def rate_text(rate: float) -> str:
    """Three digits, and no exponent."""
    return f"{rate:.3g}" if rate < 1000 else f"{rate:.0f}"


def costs_text(verify: float, width: int, drafting: float) -> str:
    """What a round costs, in steps of the target alone."""
    said = f"a pass of {width} costs {verify:.2f} steps here"
    return f"{said} and drafting {drafting:.2f}" if drafting else said
