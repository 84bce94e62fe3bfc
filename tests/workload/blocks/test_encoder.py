"""An encoder and the decoder that attends to it, against Whisper's own figures."""

from dataclasses import replace

import pytest

from ahasd.errors import AhasdError
from ahasd.workload.blocks.attention import Attention
from ahasd.workload.blocks.convolution import Convolution, Window
from ahasd.workload.blocks.decoder import Decoder, Stack
from ahasd.workload.blocks.embedding import Embedding, Head
from ahasd.workload.blocks.encoder import Encoder
from ahasd.workload.blocks.feed_forward import FeedForward
from ahasd.workload.blocks.norm import Norm
from ahasd.workload.blocks.transformer_layer import TransformerLayer
from ahasd.workload.operators import OperatorKind
from ahasd.workload.precision import Precision
from ahasd.workload.value import ValueKind

INT8 = Precision()
FRAMES, ENTRIES = 3000, 1500


def whisper(width: int, heads: int, layers: int, vocabulary: int, bands: int = 80) -> tuple[Encoder, Decoder]:
    """Encoder and decoder as in arXiv 2212.04356; of its matrices only that of the keys has no bias."""
    norm = Norm(width, "layer", bias=True)
    feed_forward = FeedForward(width, 4 * width, "gelu", bias=True)
    own, cross = (
        Attention(
            width, heads, heads, width // heads, query_bias=True, value_bias=True, output_bias=True, name=name
        )
        for name in ("", "cross_")
    )
    convolutions = (
        Convolution("conv1", bands, width, Window((3,), 1, 1), bias=True),
        Convolution("conv2", width, width, Window((3,), 2, 1), bias=True),
    )
    layer = TransformerLayer(own, feed_forward, norm)
    encoder = Encoder(convolutions, "gelu", ENTRIES, layer, layers, norm)
    decoder_layer = TransformerLayer(own, feed_forward, norm, cross_attention=cross)
    decoder = Decoder(
        Embedding(vocabulary, width, width, 448),
        (Stack(decoder_layer, layers),),
        Head(vocabulary, width, width, norm, tied=True),
    )
    return encoder, decoder


def test_the_parameters_are_those_that_transformers_builds() -> None:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    config = transformers.WhisperConfig(
        vocab_size=51864,
        d_model=384,
        encoder_layers=4,
        decoder_layers=4,
        encoder_attention_heads=6,
        decoder_attention_heads=6,
        encoder_ffn_dim=1536,
        decoder_ffn_dim=1536,
    )
    with torch.device("meta"):
        model = transformers.WhisperForConditionalGeneration(config)
    expected = sum(parameter.numel() for parameter in model.parameters())
    encoder, decoder = whisper(384, 6, 4, 51864)
    reading = encoder.forward_pass(FRAMES, INT8, decoder.stacks[0].layer.cross_attention, decoder.layers)
    step = decoder.forward_pass(1, 0, INT8, encoded=ENTRIES)
    assert reading.parameters + step.parameters == expected == 37_760_256


def test_an_encoder_attends_from_all_to_all_and_keeps_no_cache() -> None:
    encoder, _ = whisper(384, 6, 4, 51864)
    graph = encoder.forward_pass(FRAMES, INT8)
    operators = {operator.name: operator for operator in graph.operators}
    assert OperatorKind.APPEND not in {operator.kind for operator in graph.operators}
    assert not any(operator.on_cache for operator in graph.operators)
    convolutions = 3000 * 3 * 80 * 384 + 1500 * 3 * 384 * 384
    layer = 1500 * (4 * 384**2 + 2 * 384 * 1536) + 2 * 384 * 1500**2
    assert sum(operator.macs for operator in graph.operators) == convolutions + 4 * layer
    score = operators["encoder_layer.score"]
    assert (score.rows, score.inputs, score.outputs) == (1500, 64, 1500)
    assert (score.instances, score.launches) == (4 * 6, 4)
    # Queries and keys are read, all scores made; values and probabilities are read.
    assert score.input_bytes == 4 * 2 * 1500 * 384
    assert score.output_bytes == 4 * 6 * 1500**2
    assert operators["encoder_layer.context"].input_bytes == 4 * (1500 * 384 + 6 * 1500**2)
    assert operators["conv1.activation"].vector_operations == 8 * 3000 * 384
    assert operators["encoder_position_embedding"].weight_bytes == 1500 * 384
    assert [operator.name for operator in graph.operators][-1] == "encoder_norm"


def test_twice_the_input_takes_more_than_twice_the_attention() -> None:
    encoder, _ = whisper(384, 6, 4, 51864)
    full, half = (encoder.forward_pass(frames, INT8) for frames in (FRAMES, FRAMES // 2))

    def macs(graph, attention):
        return sum(o.macs for o in graph.operators if o.kind.is_attention == attention)

    assert macs(full, False) == 2 * macs(half, False)
    assert macs(full, True) == 4 * macs(half, True)


def test_keys_and_values_for_the_decoder_are_made_once_and_read_in_every_step() -> None:
    encoder, decoder = whisper(384, 6, 4, 51864)
    plain = encoder.forward_pass(FRAMES, INT8)
    reading = encoder.forward_pass(FRAMES, INT8, decoder.stacks[0].layer.cross_attention, decoder.layers)
    made = reading.operators[len(plain.operators) :]
    assert reading.operators[: len(plain.operators)] == plain.operators
    assert [operator.name for operator in made] == [
        f"cross_layer.cross_{name}" for name in ("key", "value", "append")
    ]
    assert [operator.macs for operator in made] == [4 * 1500 * 384**2] * 2 + [0]
    cache = 2 * 4 * 1500 * 384
    assert made[-1].kv_write_bytes == cache
    # Every layer of the decoder takes the same output of the encoder.
    taken = next(flow for flow in reading.flows if flow.producer == "encoder_norm")
    assert (taken.consumers, taken.bytes) == (
        ("cross_layer.cross_key", "cross_layer.cross_value"),
        1500 * 384,
    )
    for tokens, context in ((1, 5), (4, 60)):
        step = decoder.forward_pass(tokens, context, INT8, encoded=ENTRIES)
        operators = {operator.name: operator for operator in step.operators}
        score, context_ = operators["layer.cross_score"], operators["layer.cross_context"]
        assert score.kv_read_bytes + context_.kv_read_bytes == cache
        assert score.macs == context_.macs == 4 * tokens * 384 * 1500
        assert score.input_bytes == 4 * tokens * 384
        assert operators["layer.append"].kv_write_bytes == 2 * 4 * tokens * 384
        assert operators["layer.score"].kv_read_bytes == 4 * 384 * (context + tokens)
        appended = [o.name for o in step.operators if o.kind is OperatorKind.APPEND]
        assert appended == ["layer.append"], "the encoder's cache does not grow"


def test_the_caches_of_the_encoder_go_from_one_graph_to_the_other() -> None:
    encoder, decoder = whisper(64, 2, 3, 100)
    reading = encoder.forward_pass(
        200, INT8, decoder.stacks[0].layer.cross_attention, decoder.layers
    ).unrolled()
    step = decoder.forward_pass(2, 7, INT8, encoded=100).unrolled()
    kept = {v.bytes for n, v in reading.values.items() if n.endswith("_cache") and v.kind is ValueKind.INPUT}
    taken = [v for n, v in step.values.items() if "cross" in n and n.endswith("_cache")]
    assert {value.kind for value in taken} == {ValueKind.INPUT}
    assert len(taken) == 2 * decoder.layers
    assert {value.bytes for value in taken} == kept == {100 * 64}


def test_cross_attention_stands_between_attention_and_feed_forward() -> None:
    _, decoder = whisper(64, 2, 3, 100)
    names = [operator.name for operator in decoder.forward_pass(1, 0, INT8, encoded=9).operators]
    layer = [name.removeprefix("layer.") for name in names if name.startswith("layer.")]
    assert layer == [
        "attention_norm", "query", "key", "value", "append", "score", "softmax", "context", "attention_output",
        "attention_residual", "cross_attention_norm", "cross_query", "cross_score", "cross_softmax", "cross_context",
        "cross_attention_output", "cross_attention_residual", "feed_forward_norm", "up", "activation", "down",
        "feed_forward_residual",
    ]  # fmt: skip


def test_an_input_longer_than_the_table_of_positions_is_refused() -> None:
    encoder, _ = whisper(64, 2, 1, 100)
    with pytest.raises(AhasdError, match="3002 frames make 1501 entries, and the encoder numbers 1500"):
        encoder.forward_pass(3002, INT8)


@pytest.mark.parametrize("encoded", [0, -1])
def test_cross_attention_needs_something_to_attend_to(encoded: int) -> None:
    _, decoder = whisper(64, 2, 1, 100)
    with pytest.raises(AhasdError, match=f"{encoded} encoded entries do not suit a decoder with cross"):
        decoder.forward_pass(1, 0, INT8, encoded=encoded)
    layer = replace(decoder.stacks[0].layer, cross_attention=None)
    without = Decoder(decoder.embedding, (Stack(layer, 1),), decoder.head)
    with pytest.raises(AhasdError, match="5 encoded entries do not suit a decoder without cross"):
        without.forward_pass(1, 0, INT8, encoded=5)
