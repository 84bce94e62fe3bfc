"""A Whisper as a writer."""

from dataclasses import dataclass

from ahasd.errors import AhasdError
from ahasd.hardware.placement.placement import Resident
from ahasd.speech.models.writer import Writer
from ahasd.workload.layered_graph import LayeredGraph
from ahasd.workload.precision import Precision
from ahasd.workload.speech.whisper import ENTRIES, POSITIONS, WhisperSpec


@dataclass(frozen=True)
class WhisperWriter(Writer):
    """A Whisper: its decoder attends to what its encoder left of the window."""

    spec: WhisperSpec

    @property
    def name(self) -> str:
        """Of the model."""
        return self.spec.name

    @property
    def recorded_as(self) -> str:
        """See `Writer`."""
        return self.spec.recorded_as or self.spec.name

    @property
    def encoder_name(self) -> str:
        """See `Writer`."""
        return self.spec.encoder_name

    def hearing(self, precision: Precision) -> LayeredGraph:
        """The encoder, and keys and values for all layers of the decoder."""
        return self.spec.hearing(precision)

    def attending(self, precision: Precision) -> LayeredGraph | None:
        """Keys and values alone, unless it attends to the other's."""
        return None if self.spec.given_sound else self.spec.attending(precision)

    def decoding(self, tokens: int, context: int, precision: Precision, logits: int | None) -> LayeredGraph:
        """A pass of the decoder, which attends to the whole window."""
        return self.spec.decoder.forward_pass(tokens, context, precision, logits, encoded=ENTRIES)

    def prompt(self, tokens: int) -> int:
        """The sound is not among them."""
        return tokens

    def check_length(self, tokens: int) -> None:
        """Positions are learned."""
        if tokens > POSITIONS:
            raise AhasdError(f"{self.name} writes {POSITIONS} tokens of a window, and the trace has {tokens}")

    def resident(self, tokens: int, precision: Precision, hears: bool) -> Resident:
        """Weights, the cache of the text, and that of the sound."""
        decoder, layers = self.spec.decoder, self.spec.decoder_layers
        weights = self.decoding(1, 0, precision, None).weight_bytes
        if hears:
            weights += self.hearing(precision).weight_bytes
        sound = 2 * precision.kv_bytes(
            0 if self.spec.given_sound else layers * ENTRIES * self.spec.hidden_size
        )
        return Resident(self.name, weights, decoder.kept_bytes(tokens, precision) + sound)
