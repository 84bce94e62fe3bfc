"""What a round takes by its drafted tokens, measured once when a decoder is made."""

from time import perf_counter

from ahasd.decoding.models.paced_runner import PacedRunner

#: Drafted tokens of the rounds that are measured; between them seconds lie on a line. Products change their way of
#: working between 4 and 5 rows (`ahasd.decoding.models.few_rows`). Ours.
DRAFTED = (0, 1, 2, 3, 4, 8, 16)

#: Passes of each width, of which the fastest counts, since other programs only add to it; the first of a width also
#: finds out which way of working is faster. Ours.
REPEATS = 3

#: Tokens that are cached meanwhile (ours).
CONTEXT = 64


def round_seconds(target: PacedRunner, draft: PacedRunner, longest: int) -> dict[int, float]:
    """Run passes of the target and steps of the draft over a text whose tokens do not matter.

    Both caches are empty afterwards.

    Parameters
    ----------
    longest
        Drafted tokens of a round at most.

    Returns
    -------
    dict
        Seconds of a round by the number of its drafted tokens: a pass over one token more, and as many steps. Only
        of those that the contexts hold.
    """
    known = min(target.vocabulary_size, draft.vocabulary_size)
    text = [place % known for place in range(CONTEXT + max(DRAFTED) + 1)]
    step = _fastest(draft, text, 1)
    found = {}
    for drafted in DRAFTED:
        seconds = _fastest(target, text, drafted + 1) if drafted <= longest else None
        if seconds is None or (drafted and step is None):
            break
        found[drafted] = seconds + drafted * (step or 0.0)
    target.reset()
    draft.reset()
    return found


def _fastest(runner: PacedRunner, text: list[int], width: int) -> float | None:
    """Seconds of the fastest pass over so many tokens; None where the model's context is too short for one."""
    limit = runner.context_limit
    context = CONTEXT if limit is None else min(CONTEXT, limit - width)
    if context < 1:
        return None
    runner.reset()
    runner.forward(text[:context], rows=0)
    taken = []
    for _ in range(REPEATS):
        began = perf_counter()
        runner.forward(text[context : context + width])
        taken.append(perf_counter() - began)
        runner.roll_back(context)
    return min(taken)
