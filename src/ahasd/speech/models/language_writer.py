"""A language model that reads what an encoder heard as a part of its prompt."""

from dataclasses import dataclass

from ahasd.hardware.placement.placement import Resident
from ahasd.speech.models.writer import Writer
from ahasd.workload.layered_graph import LayeredGraph
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.passes import forward_pass, kv_cache_bytes, weight_bytes
from ahasd.workload.precision import Precision
from ahasd.workload.speech.whisper import ENTRIES, WhisperSpec


@dataclass(frozen=True)
class LanguageWriter(Writer):
    """A language model behind the encoder of a Whisper, which both models of a pair share.

    The checkpoints of the pairs of SpecASR are not public, nor how their sound becomes tokens: encoder and number of
    tokens are options, and what leads from one to the other costs nothing here.
    """

    spec: ModelSpec
    heard_by: WhisperSpec
    sound_tokens: int

    @property
    def name(self) -> str:
        """Of the model."""
        return self.spec.name

    @property
    def encoder_name(self) -> str:
        """See `Writer`."""
        return self.heard_by.encoder_name

    def hearing(self, precision: Precision) -> LayeredGraph:
        """The encoder alone."""
        return self.heard_by.encoder.forward_pass(2 * ENTRIES, precision)

    def attending(self, precision: Precision) -> None:
        """The prompt has all of it."""
        return

    def decoding(self, tokens: int, context: int, precision: Precision, logits: int | None) -> LayeredGraph:
        """A pass of the language model."""
        return forward_pass(self.spec, tokens, context, precision, logits)

    def prompt(self, tokens: int) -> int:
        """The sound, and what is told."""
        return self.sound_tokens + tokens

    def check_length(self, tokens: int) -> None:
        """Where positions are learned."""
        self.spec.require_positions(tokens)

    def resident(self, tokens: int, precision: Precision, hears: bool) -> Resident:
        """Weights and cache."""
        weights = weight_bytes(self.spec, precision)
        if hears:
            weights += self.hearing(precision).weight_bytes
        return Resident(self.name, weights, kv_cache_bytes(self.spec, tokens, precision))
