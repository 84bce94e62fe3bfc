"""Whether drafting pays in a batch of this size: measured while it runs, since the passes of a batch cost otherwise."""

from dataclasses import dataclass, field

#: Share of the time that may be lost on trying the slower way again. Ours.
SHARE_LOST = 0.01

#: Rounds of a way before it is judged: at least two, and of few rows more, as what they write varies more. Ours.
LEAST_ROUNDS, LEAST_TEXT_ROUNDS = 2, 8

#: What earlier rounds of a way still count when a further one is known. Ours.
MEMORY = 0.9


@dataclass(slots=True)
class _Way:
    """Rounds with drafts, or without: tokens and seconds of the last ones."""

    rounds: int = 0
    tokens: float = 0.0
    seconds: float = 0.0
    weight: float = 0.0

    @property
    def rate(self) -> float:
        """Tokens per second."""
        return self.tokens / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_per_round(self) -> float:
        """Mean."""
        return self.seconds / self.weight

    def add(self, tokens: int, seconds: float) -> None:
        """Count a round."""
        self.rounds += 1
        self.tokens = MEMORY * self.tokens + tokens
        self.seconds = MEMORY * self.seconds + seconds
        self.weight = MEMORY * self.weight + 1


@dataclass(slots=True)
class _Size:
    """What is known of batches of about one size."""

    drafting: _Way = field(default_factory=_Way)
    plain: _Way = field(default_factory=_Way)
    seconds: float = 0.0
    lost: float = 0.0
    drafts_next: bool = True


class DraftingWorth:
    """Says before each round whether to draft: as the rounds so far wrote more tokens a second.

    Both ways are tried at first, then the better one is taken, and the other again only as long as that loses no more
    than `SHARE_LOST` of all time. Sizes of batches are told apart by powers of two. It is told all times, so that the
    same calls give the same answers; it may be kept from batch to batch of the same models.

    Life cycle: ``drafts`` before a round (asking changes nothing), ``took`` behind it.
    """

    def __init__(self) -> None:
        self._sizes: dict[int, _Size] = {}

    def drafts(self, rows: int) -> bool:
        """Whether the next round of so many rows should draft."""
        return self._size(rows).drafts_next

    def took(self, rows: int, drafted: bool, tokens: int, seconds: float, caught_up: bool = True) -> None:
        """Learn of a round.

        Parameters
        ----------
        rows
            Texts in it.
        drafted
            Whether it was one with drafts.
        tokens
            That it wrote, over all rows.
        seconds
            That it took, drafting included.
        caught_up
            Whether the draft knew the texts before; a round in which it had to read what plain rounds wrote costs its
            time, but does not stand for others.
        """
        size = self._size(rows)
        own = size.drafting if drafted else size.plain
        other = size.plain if drafted else size.drafting
        size.seconds += seconds
        if other.rate > 0:
            size.lost += max(0.0, seconds - tokens / other.rate)
        if drafted and not caught_up:
            size.drafts_next = True  # the next one counts
            return
        own.add(tokens, seconds)
        least = max(LEAST_ROUNDS, LEAST_TEXT_ROUNDS // rows)
        if own.rounds < least:
            return
        if other.rounds < least:
            size.drafts_next = not drafted
            return
        better = size.drafting.rate >= size.plain.rate
        worse_way = size.plain if better else size.drafting
        best_rate = max(size.drafting.rate, size.plain.rate)
        # One round to read what was missed, and one that counts.
        price = 2 * worse_way.seconds_per_round * (1 - worse_way.rate / best_rate)
        tries_again = size.lost + price <= SHARE_LOST * size.seconds and drafted == better
        size.drafts_next = better != tries_again

    def _size(self, rows: int) -> _Size:
        return self._sizes.setdefault((rows - 1).bit_length(), _Size())
