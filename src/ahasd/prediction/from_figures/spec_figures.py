"""The figures of a model whose file was read, exact where those of a name are interpolated."""

from ahasd.prediction.from_figures.model_figures import ModelFigures, weight_bits
from ahasd.prediction.from_figures.model_shape import ModelShape
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.readers.mixtures import MixtureSizes


def figures_of_spec(spec: ModelSpec, quantisation: str) -> ModelFigures:
    """Take parameters, layers, width, vocabulary and caches from a spec, bits per weight from the format's name.

    A token reads every weight once, but of an embedding table of its own one row, and of positions likewise.
    """
    output = spec.vocabulary_size * spec.embedding_width
    looked_up = spec.learned_positions * spec.hidden_size + (0 if spec.tied_embeddings else output)
    bits = weight_bits(quantisation)
    return ModelFigures(
        spec.name,
        float(spec.parameters),
        float(spec.parameters - looked_up),
        bits,
        spec.parameters * bits / 8,
        tokenizer="" if spec.tokenizer_assumed else spec.tokenizer,
        exact_shape=ModelShape(
            spec.layers, spec.hidden_size, output, 2.0 * spec.layers * spec.key_value_width, exact=True
        ),
    )


def figures_of_mixture(name: str, sizes: MixtureSizes, quantisation: str) -> ModelFigures:
    """The same of a mixture of experts."""
    bits = weight_bits(quantisation)
    return ModelFigures(
        name,
        float(sizes.parameters),
        float(sizes.read_parameters),
        bits,
        sizes.parameters * bits / 8,
        mixture=True,
        recurrent=sizes.recurrent,
        predicting=sizes.predicting_layers > 0,
        exact_shape=ModelShape(
            sizes.layers, sizes.width, sizes.output_parameters, sizes.cached_elements, exact=True
        ),
    )
