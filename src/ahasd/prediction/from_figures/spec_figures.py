"""The figures of a model whose file was read, exact where those of a name are interpolated."""

from ahasd.prediction.from_figures.model_figures import ModelFigures, weight_bits
from ahasd.prediction.from_figures.model_shape import CACHE_BITS, ModelShape
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.passes import forward_pass, kv_cache_bytes
from ahasd.workload.precision import Precision

#: Families whose checkpoints hold a layer that predicts further tokens although the file has no field for it.
_PREDICTING = ("qwen3_next",)

#: Widths at which caches are kept, and weights where their own format does not say.
_HALF = Precision(CACHE_BITS, CACHE_BITS, CACHE_BITS)


def figures_of_spec(spec: ModelSpec, quantisation: str | None, usual: str) -> ModelFigures:
    """Take parameters, layers, width, vocabulary and caches from a spec.

    Parameters
    ----------
    spec
        A token reads every weight once, but of experts those that it takes, and of tables one row.
    quantisation
        Format of its weights, where one was said; it goes before the file's own.
    usual
        The format where neither says one.
    """
    tables = spec.learned_positions * spec.hidden_size
    tables += 0 if spec.tied_embeddings else spec.embedding_parameters
    active = spec.active_parameters - tables
    stored = spec.stored_weights if quantisation is None else None
    bits = stored.bits_per_weight if stored is not None else weight_bits(quantisation or usual)
    return ModelFigures(
        spec.name,
        float(spec.parameters),
        float(active),
        bits,
        stored.bytes if stored is not None else spec.parameters * bits / 8,
        mixture=bool(spec.experts),
        recurrent=kv_cache_bytes(spec, 0, _HALF) > 0,
        predicting=spec.further_token_layers > 0 or spec.family in _PREDICTING,
        tokenizer="" if spec.tokenizer_assumed else spec.tokenizer,
        exact_shape=ModelShape(
            spec.layers,
            spec.hidden_size,
            spec.vocabulary_size * spec.embedding_width,
            lambda context: kv_cache_bytes(spec, context, _HALF),
            exact=True,
        ),
        token_bytes=_read_bytes(spec) if stored is not None else None,
    )


def _read_bytes(spec: ModelSpec) -> float:
    """Bytes of weights that one token reads, as the file keeps them."""
    return float(sum(operator.weight_bytes for operator in forward_pass(spec, 1, 0, _HALF).operators))
