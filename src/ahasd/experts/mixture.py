"""A mixture of experts as the few figures that decide where its experts may lie."""

from dataclasses import dataclass
from math import ceil

from ahasd.errors import AhasdError
from ahasd.workload.model_spec import ModelSpec


@dataclass(frozen=True, slots=True)
class Mixture:
    """Bytes of a mixture's weights.

    Attributes
    ----------
    layers
        That have experts.
    experts, chosen
        Of such a layer, and how many of them a token takes.
    expert_bytes
        Of one expert of one layer.
    dense_bytes
        Of all else that a token reads: attention, norms, shared experts, output layer.
    stored_bytes
        Of all weights.
    """

    name: str
    layers: int
    experts: int
    chosen: int
    expert_bytes: float
    dense_bytes: float
    stored_bytes: float

    @property
    def experts_bytes(self) -> float:
        """Of all experts of all layers."""
        return self.layers * self.experts * self.expert_bytes

    @property
    def layer_bytes(self) -> float:
        """That a token reads of the experts of a layer."""
        return self.chosen * self.expert_bytes

    def layers_elsewhere(self, room: float) -> int | None:
        """How many layers' experts must lie elsewhere so that the rest fits; None where not even that helps.

        Parameters
        ----------
        room
            Bytes for weights.
        """
        excess = self.stored_bytes - room
        count = max(0, ceil(excess / (self.experts * self.expert_bytes)))
        return count if count <= self.layers else None


def mixture_of(spec: ModelSpec, bits: float) -> Mixture:
    """The mixture of a spec; of several kinds of layers with experts, as in one file, the mean.

    Parameters
    ----------
    bits
        Of a weight, scales included.

    Raises
    ------
    AhasdError
        It has no experts, or layers that differ in how many.
    """
    groups = [(group.layers, group.experts) for group in spec.groups if group.experts is not None]
    if not groups:
        raise AhasdError(f"{spec.name} is no mixture of experts; `ahasd plan` is for dense models")
    kinds = {(experts.count, experts.chosen) for _, experts in groups}
    if len(kinds) > 1:
        raise AhasdError(
            f"{spec.name} has layers with different numbers of experts, which are not planned for"
        )
    layers, ((count, chosen),) = sum(layers for layers, _ in groups), kinds
    of_one = sum(
        layers_of * sum(matrix.parameters for matrix in experts.expert.matrices)
        for layers_of, experts in groups
    )
    tables = spec.learned_positions * spec.hidden_size
    tables += 0 if spec.tied_embeddings else spec.embedding_parameters
    dense = spec.parameters - count * of_one - tables
    each = bits / 8
    return Mixture(
        spec.name, layers, count, chosen, of_one / layers * each, dense * each, spec.parameters * each
    )
