"""The result of a run of a mixture whose experts lie in two memories."""

from ahasd.family.record import Record
from ahasd.family.result import Result


class ExpertFates(Record):
    """Experts of the continuations' passes, by fate.

    ``needed`` is the sum of hits, ``ahead_used``, ``copied`` and ``on_host``. ``hit_rate`` counts as hits what was
    resident, however it came there.
    """

    needed: int
    hits: int
    ahead_used: int
    copied: int
    on_host: int
    fetched_ahead: int
    hit_rate: float
    loads_per_token: float
    bytes_per_token: float


class ExpertsSection(Record):
    """The family's own part of a result.

    Attributes
    ----------
    slots
        Of each layer.
    prefix_seconds, prefix_tokens
        Of the passes over what was given.
    """

    mixture: str
    machine: str
    cached: float
    slots: list[int]
    passes: int
    decode: ExpertFates
    prefix_seconds: float
    prefix_tokens: int


class ExpertsResult(Result):
    """A result with the section ``experts``; ``seconds`` are those of the continuations."""

    tokens: int
    tokens_per_second: float
    joules_per_token: float | None
    tpot_s: float
    experts: ExpertsSection

    def groups(self) -> dict[str, dict[str, str]]:
        """How fast, and where experts were."""
        decode = self.experts.decode
        return {
            "Speed": {
                "tokens": f"{self.tokens}",
                "decode time": f"{self.seconds:.4f} s",
                "throughput": f"{self.tokens_per_second:.3f} tokens/s",
                "time per output token": f"{self.tpot_s * 1e3:.2f} ms",
                "prefixes": f"{self.experts.prefix_tokens} tokens in {self.experts.prefix_seconds:.4f} s",
            },
            "Experts": {
                "mixture": self.experts.mixture,
                "in fast memory": f"{self.experts.cached:.0%} ({min(self.experts.slots)} to "
                f"{max(self.experts.slots)} of each layer)",
                "resident when needed": f"{decode.hit_rate:.1%}",
                "copied for a token": f"{decode.loads_per_token:.2f} ({decode.bytes_per_token / 1e6:.1f} MB)",
                "computed by the host": f"{decode.on_host} of {decode.needed}",
                "fetched ahead": f"{decode.fetched_ahead}, of which {decode.ahead_used} were used",
            },
        }
