"""Whisper: what the cost of its encoder and of its decoder depends on."""

from functools import lru_cache

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from ahasd.workload.blocks.attention import Attention
from ahasd.workload.blocks.convolution import Convolution, Window
from ahasd.workload.blocks.decoder import Decoder, Stack
from ahasd.workload.blocks.embedding import Embedding, Head
from ahasd.workload.blocks.encoder import Encoder
from ahasd.workload.blocks.feed_forward import FeedForward
from ahasd.workload.blocks.norm import Norm
from ahasd.workload.blocks.transformer_layer import TransformerLayer
from ahasd.workload.layered_graph import LayeredGraph
from ahasd.workload.precision import Precision

#: Frames of a window of 30 s, one every 10 ms; the second convolution halves them (arXiv 2212.04356, section 2.2).
FRAMES, ENTRIES = 3000, 1500
#: Seconds of a window.
WINDOW_S = 30.0
#: Longest text of a window, and channels of a head (section 2.2; config.json of every size).
POSITIONS, HEAD_DIM = 448, 64


class WhisperSpec(BaseModel):
    """Shapes of a Whisper (arXiv 2212.04356, table 1); the number of parameters follows from them exactly.

    Parameters
    ----------
    name
        In the list of models the key.
    hidden_size
        Channels; heads have 64, the feed-forward parts four times as many.
    encoder_layers, decoder_layers
        Layers of each.
    vocabulary_size
        Tokens that it can write.
    mel_bands
        Channels of the sound.
    encoder_of
        The model whose encoder it has, weight by weight; None is one of its own.
    given_sound
        Whether it attends to the keys and values of the sound that the decoder of `encoder_of` makes for itself.
    recorded_as
        What traces of it call it; None is its name.
    published_parameters
        As published, in `source`; None where nobody published a number.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    hidden_size: PositiveInt = Field(multiple_of=HEAD_DIM)
    encoder_layers: PositiveInt
    decoder_layers: PositiveInt
    vocabulary_size: PositiveInt
    mel_bands: PositiveInt = 80
    encoder_of: str | None = None
    given_sound: bool = False
    recorded_as: str | None = None
    published_parameters: PositiveInt | None = None
    source: str

    @property
    def encoder_name(self) -> str:
        """Two models with the same one share it."""
        return self.encoder_of or self.name

    @property
    def encoder(self) -> Encoder:
        """The blocks that read sound."""
        return _blocks(self)[0]

    @property
    def decoder(self) -> Decoder:
        """The blocks that write text."""
        return _blocks(self)[1]

    @property
    def parameters(self) -> int:
        """Parameters, exactly, from the shapes; the encoder's table of positions is counted."""
        plain = Precision()
        return self.hearing(plain).parameters + self.decoder.forward_pass(1, 0, plain, encoded=1).parameters

    def hearing(self, precision: Precision) -> LayeredGraph:
        """Graph of encoding a window, the keys and values that the decoder's layers attend to included."""
        return self.encoder.forward_pass(FRAMES, precision, _cross(self.hidden_size), self.decoder_layers)

    def attending(self, precision: Precision) -> LayeredGraph:
        """Graph of making these keys and values alone, where another model's encoder was heard."""
        return self.encoder.keys_values(ENTRIES, precision, _cross(self.hidden_size), self.decoder_layers)


def _cross(width: int) -> Attention:
    return _attention(width, "cross_")


def _attention(width: int, name: str = "") -> Attention:
    """Of Whisper's matrices only that of the keys has no bias."""
    heads = width // HEAD_DIM
    return Attention(
        width, heads, heads, HEAD_DIM, query_bias=True, value_bias=True, output_bias=True, name=name
    )


@lru_cache(maxsize=32)
def _blocks(spec: WhisperSpec) -> tuple[Encoder, Decoder]:
    width = spec.hidden_size
    norm, own = Norm(width, "layer", bias=True), _attention(width)
    feed_forward = FeedForward(width, 4 * width, "gelu", bias=True)
    convolutions = (
        Convolution("conv1", spec.mel_bands, width, Window((3,), 1, 1), bias=True),
        Convolution("conv2", width, width, Window((3,), 2, 1), bias=True),
    )
    encoder_layer = TransformerLayer(own, feed_forward, norm)
    encoder = Encoder(convolutions, "gelu", ENTRIES, encoder_layer, spec.encoder_layers, norm)
    decoder_layer = TransformerLayer(own, feed_forward, norm, cross_attention=_cross(width))
    decoder = Decoder(
        Embedding(spec.vocabulary_size, width, width, POSITIONS),
        (Stack(decoder_layer, spec.decoder_layers),),
        Head(spec.vocabulary_size, width, width, norm, tied=True),
    )
    return encoder, decoder
