"""Mixtures of experts: what their files spell alike."""

from collections.abc import Sequence
from typing import Any

from ahasd.errors import AhasdError
from ahasd.workload.blocks.experts import Experts
from ahasd.workload.blocks.feed_forward import FeedForward
from ahasd.workload.layer_group import LayerGroup
from ahasd.workload.readers.families.common import Values
from ahasd.workload.readers.families.layers import grouped_layers
from ahasd.workload.readers.fields import ConfigReader

#: Fields that say how many experts a layer has, and how many of them a token takes.
_COUNTS = ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts")
_CHOSEN = ("num_experts_per_tok", "num_experts_per_token", "moe_topk", "moe_k")

#: Field of a `config.json` that says how many different experts several tokens take (`Experts.growth`); ours.
GROWTH = "expert_growth"


def number_of_experts(reader: ConfigReader) -> int:
    """Read how many experts a layer has."""
    return _spelled(reader, _COUNTS)


def chosen_experts(reader: ConfigReader) -> int:
    """Read how many experts a token takes."""
    return _spelled(reader, _CHOSEN)


def _spelled(reader: ConfigReader, fields: Sequence[str]) -> int:
    """Read a number that families spell in several ways, and a file at times in two; it must be one in all layers."""
    found: set[int] = set()
    for field in fields:
        said = reader.contents.get(field)
        several = said if isinstance(said, list) else [said]
        found |= {
            ConfigReader({field: one}, reader.origin).integer(field) for one in several if one is not None
        }
    if len(found) != 1:
        what = "is missing" if not found else f"is one of {sorted(found)}"
        raise AhasdError(
            f"{reader.origin}: {' or '.join(fields)} {what}; it must be one number for all layers"
        )
    return found.pop()


def experts(
    reader: ConfigReader,
    values: Values,
    width: int,
    count: int,
    chosen: int,
    shared_width: int = 0,
    bias: bool = False,
    latent: int | None = None,
    **details: Any,
) -> Experts:
    """Make a mixture of gated experts.

    Parameters
    ----------
    reader, values
        The file, and the fields of a ModelSpec that were read from it.
    width, count, chosen
        Of an expert; experts of a layer; those that a token takes.
    shared_width
        Of what every token takes beside them; 0 if there is nothing.
    bias
        Whether the experts' matrices have a bias.
    latent
        Channels that experts work on where they are fewer than the layer's.
    details
        Other fields of Experts.
    """
    hidden, activation, gated = values["hidden_size"], values["activation"], values["gated_feed_forward"]
    shared = FeedForward(hidden, shared_width, activation, gated, bias) if shared_width else None
    try:
        return Experts(
            FeedForward(latent or hidden, width, activation, gated, bias),
            count,
            chosen,
            shared,
            hidden_size=hidden if latent else None,
            growth=reader.optional_number(GROWTH),
            **details,
        )
    except AhasdError as error:
        raise AhasdError(f"{reader.origin}: {error}") from error


def mixture(
    values: Values,
    experts: Experts,
    sparse: Sequence[bool] | None = None,
    windows: Sequence[int | None] | None = None,
) -> Values:
    """Give layers a mixture of experts.

    Parameters
    ----------
    values
        Fields of a ModelSpec.
    experts
        The mixture.
    sparse
        Which layers have it, all by default; the others have a feed-forward part.
    windows
        Of every layer; by default that of the model.
    """
    layers = values["layers"]
    has = sparse or [True] * layers
    window_of = windows or [values.get("sliding_window")] * layers
    several = len(set(window_of)) > 1
    groups = grouped_layers(
        LayerGroup(
            name=("windowed_" if several and window else "")
            + ("expert_layer" if with_experts else "dense_layer"),
            layers=1,
            sliding_window=window,
            experts=experts if with_experts else None,
        )
        for with_experts, window in zip(has, window_of, strict=True)
    )
    return values | {"layer_groups": groups}


def behind_dense(reader: ConfigReader, layers: int, default: int | None = None) -> list[bool]:
    """Which layers have experts where the first ones have none: as `mlp_layer_types` or a number of them says."""
    kinds = reader.texts("mlp_layer_types")
    if kinds is not None:
        if len(kinds) != layers or not set(kinds) <= {"dense", "sparse"}:
            raise AhasdError(
                f"{reader.origin}: mlp_layer_types must say of each of {layers} layers whether it is dense or sparse"
            )
        return [kind == "sparse" for kind in kinds]
    dense = reader.count("first_k_dense_replace", default)
    return [layer >= dense for layer in range(layers)]


def now_and_then(reader: ConfigReader, layers: int) -> list[bool]:
    """Which layers have experts in Qwen's mixtures: every so many, but for some that are named."""
    step = reader.integer("decoder_sparse_step", 1)
    plain = set(reader.integers("mlp_only_layers") or ())
    return [(layer + 1) % step == 0 and layer not in plain for layer in range(layers)]
