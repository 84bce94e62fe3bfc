"""What a step's cost depends on of a model."""

from dataclasses import dataclass

from ahasd.errors import AhasdError
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.operators import OperatorKind
from ahasd.workload.passes import forward_pass, weight_bytes
from ahasd.workload.precision import Precision


@dataclass(frozen=True, slots=True)
class ModelShape:
    """Attention and all else of a model, at given widths.

    Attributes
    ----------
    layers, heads, group, channels
        Layers, key-value heads, query heads that share one, elements of a key.
    token_bytes
        Key and value of one token and head. The least and greatest key of a page are as many.
    activation_bytes
        Of a query, or an output, of one query head.
    weights_at_rest
        Bytes of all parameters.
    weight_bytes, weight_macs
        Read, and multiplied for a token, by the products with weights of a pass.
    moved_bytes
        Activations into and out of these products, for a token.
    """

    name: str
    layers: int
    heads: int
    group: int
    channels: int
    token_bytes: int
    activation_bytes: int
    weights_at_rest: int
    weight_bytes: int
    weight_macs: int
    moved_bytes: int

    @property
    def token_macs(self) -> int:
        """Multiply-accumulates of a token read: its key and its value, for each query of the group.

        Bounding a page takes as many: a product with its least and one with its greatest key.
        """
        return 2 * self.channels * self.group


def shape_of(spec: ModelSpec, precision: Precision) -> ModelShape:
    """Take from a model what the cost of a step depends on.

    Raises
    ------
    AhasdError
        Its layers differ, or mix tokens otherwise than by plain attention over the whole text.
    """
    alone = spec.groups[0]
    plain = (
        len(spec.groups) == 1 and alone.mixer is None and alone.sliding_window is None and alone.chunk is None
    )
    if not plain or not spec.heads or spec.attention_sinks:
        raise AhasdError(
            f"{spec.name}: sparse attention is for models whose layers are alike and attend to the whole text, and "
            "this one has windows, states, latent attention or layers of several kinds"
        )
    products = [
        one for one in forward_pass(spec, 1, 0, precision).operators if one.kind is OperatorKind.MATMUL
    ]
    return ModelShape(
        spec.name,
        spec.layers,
        spec.key_value_heads,
        spec.heads // spec.key_value_heads,
        spec.head_dim,
        2 * precision.kv_bytes(spec.head_dim),
        precision.activation_bytes(spec.head_dim),
        weight_bytes(spec, precision),
        sum(one.weight_bytes for one in products),
        sum(one.macs for one in products),
        sum(one.input_bytes + one.output_bytes for one in products),
    )
