"""A Whisper model as the draft of a larger one: its decoder, and its encoder unless that is the target's."""

from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.speech.audio.windows import Window
from ahasd.decoding.speech.drafts.draft import SpeechDraft, WindowDraft
from ahasd.decoding.speech.drafts.retokenised import RetokenisedDraft
from ahasd.decoding.speech.drafts.same_tokens import SameTokensDraft
from ahasd.decoding.speech.encoder import encode
from ahasd.decoding.speech.models.speech_model import SpeechModel
from ahasd.decoding.speech.runner.decoder_runner import DecoderRunner, HeardSound, hear
from ahasd.decoding.speech.runner.decoder_weights import decoder_weights
from ahasd.decoding.speech.runner.row_products import RowProducts
from ahasd.decoding.speech.runner.token_rule import TokenRule


class WholeModelDraft(SpeechDraft):
    """Drafts with all of a model.

    Parameters
    ----------
    model
        The draft.
    target
        The model it drafts for.
    language
        Of the speech; must be the draft's too.
    timestamps
        Whether times are written.

    Raises
    ------
    UnknownNameError
        The draft does not have the language.
    """

    def __init__(self, model: SpeechModel, target: SpeechModel, language: str, timestamps: bool) -> None:
        self.name = model.name
        self.shared_encoder = same_encoder(model.whisper, target.whisper)
        own, theirs = model.vocabulary, target.vocabulary
        self.retokenised = own.tokenizer.get_vocab() != theirs.tokenizer.get_vocab()
        self._model, self._target = model, target
        self._weights = decoder_weights(model.whisper)
        self._products = RowProducts([layer.inner.weight for layer in self._weights.layers])
        self._rule = TokenRule(own, timestamps)
        self._prompt = own.prompt(language, timestamps)

    def hear(self, window: Window, states: Any, heard: HeardSound, clip_only: bool) -> WindowDraft:
        """Hear a window; see `SpeechDraft.hear`."""
        own = states if self.shared_encoder else encode(self._model, window, clip_only)
        runner = DecoderRunner(self._weights, hear(self._weights, own), self._products)
        vocabulary = self._model.vocabulary
        draft = SameTokensDraft(runner, self._rule, self._prompt, vocabulary.end)
        return RetokenisedDraft(draft, vocabulary, self._target.vocabulary) if self.retokenised else draft


def same_encoder(one: Any, other: Any) -> bool:
    """Say whether two Whisper models have the same encoder, weight by weight."""
    first, second = one.model.encoder.state_dict(), other.model.encoder.state_dict()
    return first.keys() == second.keys() and all(
        torch.equal(weight, second[name]) for name, weight in first.items()
    )
