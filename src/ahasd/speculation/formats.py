"""What a run's options say of the formats of weights and cache, and what that makes of the pair."""

from dataclasses import dataclass, replace

from ahasd.errors import AhasdError
from ahasd.speculation.run_options import SpeculationOptions
from ahasd.workload.ggml_formats import GGML_FORMATS
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.pair import ModelPair
from ahasd.workload.precision import Precision
from ahasd.workload.weight_formats import keep_all_as, weight_format

#: Bits of a weight where neither an option nor a model's file says (ours).
USUAL_WEIGHT_BITS = 8


@dataclass(frozen=True, slots=True)
class Formats:
    """The pair with its weights kept as they are costed, and the widths of everything else."""

    pair: ModelPair
    precision: Precision


def formats_of(options: SpeculationOptions, pair: ModelPair) -> Formats:
    """Settle formats: ``--weight-bits`` and ``--weight-format`` go before what a model's file says.

    Raises
    ------
    AhasdError
        Two options contradict each other, or a format is not known.
    """
    if options.weight_bits is not None and options.weight_format is not None:
        raise AhasdError("weight_bits and weight_format say the same thing: give one of them")
    if options.kv_format is not None and options.kv_bits != SpeculationOptions.kv_bits:
        raise AhasdError("kv_bits and kv_format say the same thing: give one of them")
    kept = None if options.kv_format is None else GGML_FORMATS[options.kv_format]
    precision = Precision(
        options.weight_bits or USUAL_WEIGHT_BITS,
        options.kv_bits if kept is None else kept.word_bits,
        options.activation_bits,
        kept,
    )
    return Formats(_kept(options, pair), precision)


def _kept(options: SpeculationOptions, pair: ModelPair) -> ModelPair:
    if options.weight_bits is not None:
        return replace(pair, draft=_plain(pair.draft), target=_plain(pair.target))
    if options.weight_format is None:
        return pair
    names = options.weight_format.split(":")
    if len(names) > 2:
        raise AhasdError(
            f"weight_format '{options.weight_format}': write one format, or two as DRAFT:TARGET, such as q8_0:q4_k"
        )
    draft, target = (
        keep_all_as(spec, weight_format(name), "--weight-format")
        for spec, name in zip((pair.draft, pair.target), (names[0], names[-1]), strict=True)
    )
    return replace(pair, draft=draft, target=target)


def _plain(spec: ModelSpec) -> ModelSpec:
    """The model without what its file says of its weights."""
    return spec if spec.stored_weights is None else spec.model_copy(update={"stored_weights": None})
