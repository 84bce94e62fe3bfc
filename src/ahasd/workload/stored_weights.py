"""How the weights of a model are kept, as the file that they lie in says."""

from collections.abc import Iterable
from dataclasses import dataclass

from ahasd.workload.number_format import WORD_BITS, NumberFormat, word_bits

#: Names of groups: what is no matrix (gains, biases), and matrices that no graph names apart.
FINE, OTHER = "fine", "other"

#: Where a matrix that has no group of its own is looked for: a tied head is the table of embeddings.
_INSTEAD = {"lm_head": "embedding"}


@dataclass(frozen=True, slots=True)
class StoredGroup:
    """Weights that a graph takes alike: a matrix of every layer, a table, or all gains and biases.

    Parameters
    ----------
    name
        Of the operator that multiplies by it (``query``, ``expert_down``), ``embedding``, ``fine`` or ``other``.
    elements, bytes
        In all layers together, scales included.
    word_bytes
        The same in words of 4, 8 and 16 bits with the scales beside them, which memory that computes holds.
    """

    name: str
    elements: int
    bytes: int
    word_bytes: int

    @property
    def format(self) -> NumberFormat:
        """What its elements take in the mean, so that all of them together take exactly `bytes`."""
        bits = 8 * self.bytes / self.elements
        held = next((width for width in WORD_BITS if width >= bits), WORD_BITS[-1])
        return NumberFormat(self.name, self.elements, self.bytes, 0, held)


@dataclass(frozen=True, slots=True)
class StoredWeights:
    """How the weights of a model are kept.

    Parameters
    ----------
    format
        As people name it: ``Q4_K_M``, ``awq 4-bit``, ``bf16``.
    groups
        Each name once.
    origin
        What says so: ``GGUF file``, ``quantization_config``, ``dtype``, ``--weight-format``.
    beside
        What else the file holds, in words: tables, layers that predict further tokens.

    Examples
    --------
    >>> kept = StoredWeights("Q4_0", (StoredGroup("query", 64, 36, 36),), "GGUF file")
    >>> kept.bytes, kept.bits_per_weight, kept.format_of("query.weight").bytes_of(32)
    (36, 4.5, 18)
    """

    format: str
    groups: tuple[StoredGroup, ...]
    origin: str
    beside: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """Bytes of all weights."""
        return sum(group.bytes for group in self.groups)

    @property
    def elements(self) -> int:
        """Weights."""
        return sum(group.elements for group in self.groups)

    @property
    def bits_per_weight(self) -> float:
        """Bits per weight, scales included."""
        return 8 * self.bytes / self.elements

    def bits_of(self, *names: str) -> float | None:
        """Bits per weight of some groups together; None where there are none of them."""
        some = [group for group in self.groups if group.name in names]
        elements = sum(group.elements for group in some)
        return 8 * sum(group.bytes for group in some) / elements if elements else None

    def format_of(self, name: str) -> NumberFormat:
        """What a matrix is kept as, by its name in a graph, with or without ``.weight``.

        One that has no group of its own is one of the others; where there are none, it is as all matrices in the
        mean.
        """
        own = name.partition(".")[0]
        for wanted in (own, _INSTEAD.get(own), OTHER):
            for group in self.groups:
                if group.name == wanted:
                    return group.format
        return _mean(group for group in self.groups if group.name != FINE or len(self.groups) == 1)

    @property
    def fine_format(self) -> NumberFormat | None:
        """What gains and biases are kept as; None where the file does not say."""
        return next((group.format for group in self.groups if group.name == FINE), None)

    @property
    def word_bits(self) -> int:
        """Width as which arithmetic counts the matrices in the mean."""
        return word_bits(_mean(group for group in self.groups if group.name != FINE).bits)

    @property
    def in_words(self) -> "StoredWeights":
        """The same weights as memory that computes holds them."""
        if all(group.word_bytes == group.bytes for group in self.groups):
            return self
        groups = tuple(
            StoredGroup(group.name, group.elements, group.word_bytes, group.word_bytes)
            for group in self.groups
        )
        return StoredWeights(f"{self.format} in words of memory", groups, self.origin, self.beside)


def stored_group(name: str, parts: Iterable[tuple[int, NumberFormat]]) -> StoredGroup:
    """Add up the parts of a group, each so many elements in a format.

    What is no matrix stays as it is: units in memory do not multiply by it.
    """
    parts = tuple(parts)
    taken = sum(kept.bytes_of(elements) for elements, kept in parts)
    words = taken if name == FINE else sum(kept.in_words.bytes_of(elements) for elements, kept in parts)
    return StoredGroup(name, sum(elements for elements, _ in parts), taken, words)


def _mean(groups: Iterable[StoredGroup]) -> NumberFormat:
    together = tuple(groups)
    return StoredGroup(
        OTHER, sum(group.elements for group in together), sum(group.bytes for group in together), 0
    ).format
