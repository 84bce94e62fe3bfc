"""Whisper's shapes: parameters as published and as transformers builds them, encoders that are shared."""

import pytest

from ahasd.errors import UnknownNameError
from ahasd.workload.precision import Precision
from ahasd.workload.speech.catalogue import load_speech_model, speech_model_names

PUBLISHED = {
    "whisper-tiny": 37.8e6,
    "whisper-tiny.en": 37.8e6,
    "whisper-base": 72.6e6,
    "whisper-small": 244e6,
    "whisper-medium": 769e6,
    "whisper-medium.en": 769e6,
    "whisper-large-v3": 1550e6,
    "whisper-large-v3-turbo": 809e6,
    "distil-large-v3": 756e6,
}


@pytest.mark.parametrize(("name", "published"), PUBLISHED.items())
def test_parameters_are_within_a_hundredth_of_the_published(name: str, published: float) -> None:
    assert load_speech_model(name).parameters == pytest.approx(published, rel=0.01)


@pytest.mark.parametrize("name", ["whisper-base", "whisper-large-v3-turbo"])
def test_parameters_are_exactly_those_that_transformers_builds(name: str) -> None:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    spec = load_speech_model(name)
    heads = spec.hidden_size // 64
    config = transformers.WhisperConfig(
        vocab_size=spec.vocabulary_size,
        num_mel_bins=spec.mel_bands,
        d_model=spec.hidden_size,
        encoder_layers=spec.encoder_layers,
        decoder_layers=spec.decoder_layers,
        encoder_attention_heads=heads,
        decoder_attention_heads=heads,
        encoder_ffn_dim=4 * spec.hidden_size,
        decoder_ffn_dim=4 * spec.hidden_size,
    )
    with torch.device("meta"):
        model = transformers.WhisperForConditionalGeneration(config)
    assert spec.parameters == sum(parameter.numel() for parameter in model.parameters())


def test_hearing_is_the_encoder_and_what_the_decoder_keeps_of_it() -> None:
    for name in speech_model_names():
        spec, precision = load_speech_model(name), Precision()
        encoder = spec.encoder.forward_pass(3000, precision)
        whole, kept = spec.hearing(precision), spec.attending(precision)
        assert whole.parameters == encoder.parameters + kept.parameters
        macs = [sum(one.macs for one in graph.operators) for graph in (whole, encoder, kept)]
        assert macs[0] == macs[1] + macs[2]
        assert macs[2] == 2 * spec.decoder_layers * 1500 * spec.hidden_size**2


def test_a_model_with_anothers_encoder_has_the_shapes_of_it() -> None:
    shared = [load_speech_model(name) for name in speech_model_names()]
    shared = [spec for spec in shared if spec.encoder_of]
    assert shared
    for spec in shared:
        of = load_speech_model(spec.encoder_name)
        assert of.encoder_of is None
        assert spec.encoder == of.encoder


def test_a_name_that_is_none_is_told_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="whisper-medium"):
        load_speech_model("whisper-medum")
