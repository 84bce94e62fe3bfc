"""Where a factor comes from: sparsity, balance, and what the rest takes back."""

from dataclasses import dataclass

from ahasd.sparse_attention.step.decode_step import DecodeStep


@dataclass(frozen=True, slots=True)
class Decomposition:
    """Factors over dense attention under the plain mapping; those of a step multiply to the whole.

    Attributes
    ----------
    sparsity
        Less work, if it were spread evenly over the banks.
    straggler
        What the plain mapping, a head to a group of banks, leaves of that: banks wait for the busiest.
    balance
        What the asked-for mapping brings back.
    overheads
        What sending queries, choosing pages and merging parts leave.
    weights
        What products with weights, which stay as they are, leave of the factor of attention.
    fewer_bytes, attention_joules, step_joules
        Bytes that attention reads, and energy of attention and of the step: dense over sparse.
    """

    sparsity: float
    straggler: float
    balance: float
    overheads: float
    weights: float
    fewer_bytes: float
    attention_joules: float
    step_joules: float

    @property
    def plainly_mapped(self) -> float:
        """Of attention's banks with sparsity alone, under the plain mapping."""
        return self.sparsity * self.straggler

    @property
    def attention(self) -> float:
        """Speed of attention over dense attention."""
        return self.sparsity * self.straggler * self.balance * self.overheads

    @property
    def step(self) -> float:
        """Speed of a whole decode step over the dense one."""
        return self.attention * self.weights


def decompose(dense: DecodeStep, plain: DecodeStep, asked: DecodeStep) -> Decomposition:
    """Take a factor apart.

    Parameters
    ----------
    dense
        Nothing left out, plain mapping.
    plain
        The sparse system under the plain mapping.
    asked
        The same under its own.
    """
    even = {"dense": _even(dense), "plain": _even(plain)}
    busiest = {"plain": _busiest(plain), "asked": _busiest(asked)}
    attention = dense.attention.seconds / asked.attention.seconds
    return Decomposition(
        sparsity=even["dense"] / even["plain"],
        straggler=even["plain"] / busiest["plain"],
        balance=busiest["plain"] / busiest["asked"],
        overheads=attention * busiest["asked"] / even["dense"],
        weights=dense.seconds / asked.seconds / attention,
        fewer_bytes=float(dense.attention.bank_bytes.sum() / asked.attention.bank_bytes.sum()),
        attention_joules=sum(dense.attention_joules.values()) / sum(asked.attention_joules.values()),
        step_joules=sum(dense.joules.values()) / sum(asked.joules.values()),
    )


def _even(step: DecodeStep) -> float:
    """Seconds of attention if every bank of a layer worked as long as the mean one."""
    return float(step.attention.bank_seconds.mean(axis=1).sum())


def _busiest(step: DecodeStep) -> float:
    """Seconds that the busiest bank of each layer works."""
    return float(step.attention.bank_seconds.max(axis=1).sum())
