"""One text of a benchmark as figures: what the statistics of a results file are made from."""

from dataclasses import dataclass

from ahasd.benchmarking.contender import Contender, TextRun
from ahasd.decoding.prompts.prompt_files import Prompt


@dataclass(frozen=True, slots=True)
class Sample:
    """A text that a contender wrote.

    Parameters
    ----------
    method, algorithm
        Of the contender.
    repetition, sample_index, turn
        Which text, counted from 0.
    question_id, category
        Of the prompt.
    tokens
        New ones.
    total_time
        Seconds from the request to the last token, prompt included.
    drafted, accepted, rejected
        Drafted tokens and what was judged of them; None where the method does not say.
    accepted_tokens
        Tokens of the text by pass of the target, prefill apart, the target's own included.
    tokens_over_time
        (seconds since the request, tokens by then).
    """

    method: str
    algorithm: str
    repetition: int
    sample_index: int
    turn: int
    question_id: str
    category: str
    tokens: int
    total_time: float
    drafted: int | None
    accepted: int | None
    rejected: int | None
    accepted_tokens: tuple[int, ...] = ()
    tokens_over_time: tuple[tuple[float, int], ...] = ()


def sample_of(
    contender: Contender, repetition: int, index: int, turn: int, prompt: Prompt, text: TextRun
) -> Sample:
    """Put one together."""
    metrics = text.metrics
    return Sample(
        contender.method,
        contender.algorithm,
        repetition,
        index,
        turn,
        prompt.question_id,
        prompt.category,
        len(text.tokens),
        text.tokens_over_time[-1][0] if text.tokens_over_time else text.seconds,
        None if metrics is None else metrics.drafted,
        None if metrics is None else metrics.accepted,
        None if metrics is None else metrics.rejected,
        text.accepted_tokens,
        text.tokens_over_time,
    )
