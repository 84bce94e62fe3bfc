"""Two mixers side by side in one layer."""

from dataclasses import dataclass

from ahasd.workload.blocks.attention import Attention
from ahasd.workload.blocks.mamba import Mamba2
from ahasd.workload.blocks.norm import add
from ahasd.workload.blocks.token_mixer import Mixed, TokenMixer
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.precision import Precision


@dataclass(frozen=True, slots=True)
class ParallelMixers(TokenMixer):
    """Attention and state-space heads that read the same norm and are added together (Falcon-H1).

    Parameters
    ----------
    attention, state_space
        Both, of the same channels outside.
    """

    attention: Attention
    state_space: Mamba2

    def project(self, graph: GraphBuilder, x: str) -> tuple[str, ...]:
        """Add what each does with every token, that of the state-space heads first."""
        return (*self.state_space.project(graph, x), *self.attention.project(graph, x))

    def mix(self, graph: GraphBuilder, projected: tuple[str, ...], context: int) -> Mixed:
        """Add both, with their ways back to the channels of the layer, and their sum."""
        inside, *rest = projected
        parts: tuple[tuple[TokenMixer, tuple[str, ...]], ...] = (
            (self.state_space, (inside,)),
            (self.attention, tuple(rest)),
        )
        made = [(mixer, mixer.mix(graph, taken, context)) for mixer, taken in parts]
        outputs = [mixer.output(graph, mixed.result) for mixer, mixed in made]
        kept = tuple(name for _, mixed in made for name in mixed.kept)
        return Mixed(add(graph, "mixers_sum", *outputs), kept)

    def mixed_shape(self, tokens: int) -> tuple[str, tuple[int, ...]]:
        """Name and shape of the sum."""
        return "mixers_sum", (tokens, self.attention.hidden_size)

    def output(self, graph: GraphBuilder, mixed: str) -> str:
        """Nothing: the sum is of the layer's channels already."""
        return mixed

    def kept_bytes(self, entries: int, precision: Precision) -> int:
        """Bytes of cache and states."""
        parts: tuple[TokenMixer, ...] = (self.attention, self.state_space)
        return sum(part.kept_bytes(entries, precision) for part in parts)
