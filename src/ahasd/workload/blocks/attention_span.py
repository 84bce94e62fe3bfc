"""What tokens attend to: exact counts."""

from typing import NamedTuple


class AttentionSpan(NamedTuple):
    """What tokens attend to.

    Parameters
    ----------
    entries
        Keys that at least one of the tokens attends to.
    longest
        Entries that the last token attends to.
    pairs
        Sum over the tokens of the entries that each attends to.
    """

    entries: int
    longest: int
    pairs: int


def causal_span(tokens: int, context: int, sliding_window: int | None = None) -> AttentionSpan:
    """Span of `tokens` tokens after `context` entries under a causal mask.

    Token t (from 0) attends to min(window, context + t + 1) entries, itself included.
    """
    end = context + tokens
    window = sliding_window or end
    # Until the window is full each token attends to one entry more than the one before it.
    growing = min(max(window - context, 0), tokens)
    pairs = growing * context + growing * (growing + 1) // 2 + (tokens - growing) * window
    return AttentionSpan(entries=min(end, window + tokens - 1), longest=min(end, window), pairs=pairs)


def chunked_span(tokens: int, context: int, chunk: int) -> AttentionSpan:
    """Span of tokens each of which attends to its chunk of the text up to itself (Llama 4).

    The token at position p (from 0) attends to p mod chunk + 1 entries; `longest` is what the one that attends to
    most does.
    """

    def pairs_before(position: int) -> int:
        chunks, rest = divmod(position, chunk)
        return chunks * (chunk * (chunk + 1) // 2) + rest * (rest + 1) // 2

    end, start = context + tokens, context // chunk * chunk
    return AttentionSpan(end - start, min(end - start, chunk), pairs_before(end) - pairs_before(context))


def full_span(tokens: int, entries: int) -> AttentionSpan:
    """Span of tokens that all attend to all entries, as in an encoder or to an encoder."""
    return AttentionSpan(entries, entries, tokens * entries)
