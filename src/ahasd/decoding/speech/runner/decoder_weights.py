"""The weights of a Whisper decoder, in the shapes that a lean forward wants them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.errors import AhasdError


@dataclass(frozen=True, slots=True)
class Affine:
    """A matrix (out, in) and what is added."""

    weight: Any
    bias: Any


@dataclass(frozen=True, slots=True)
class DecoderLayer:
    """One layer: attention to the text, attention to the sound, and a feed-forward network, each behind a norm.

    Parameters
    ----------
    qkv
        Queries, keys and values of the text, one matrix.
    heard
        Keys and values of the sound, one matrix; applied once to a window.
    """

    text_norm: Affine
    qkv: Affine
    text_out: Affine
    sound_norm: Affine
    query: Affine
    heard: Affine
    sound_out: Affine
    inner_norm: Affine
    inner: Affine
    outer: Affine


@dataclass(frozen=True, slots=True)
class DecoderWeights:
    """A decoder.

    Parameters
    ----------
    embedding
        (vocabulary, width).
    positions
        (longest, width).
    layers
        In order.
    norm
        Behind the last layer.
    head
        (named, width): a row for each token that it names.
    named
        (named,) ids of these tokens; None where it names the whole vocabulary in order.
    heads
        Of an attention.
    """

    embedding: Any
    positions: Any
    layers: Sequence[DecoderLayer]
    norm: Affine
    head: Any
    heads: int
    named: Any = None

    @property
    def width(self) -> int:
        """Entries of a hidden state."""
        return int(self.embedding.shape[1])

    @property
    def parameters_read(self) -> int:
        """Entries of matrices that a pass reads, the keys and values of the sound apart."""
        layers = [
            matrix.weight.numel()
            for layer in self.layers
            for matrix in (layer.qkv, layer.text_out, layer.query, layer.sound_out, layer.inner, layer.outer)
        ]
        return int(sum(layers) + self.head.numel())


def decoder_weights(whisper: Any) -> DecoderWeights:
    """Take them from transformers' Whisper; the large matrices are shared with it where its layout allows.

    Raises
    ------
    AhasdError
        Its decoder works otherwise than OpenAI's models do.
    """
    config, decoder = whisper.config, whisper.model.decoder
    if config.activation_function != "gelu" or config.scale_embedding:
        raise AhasdError(
            f"the decoder has activation {config.activation_function} and scale_embedding "
            f"{config.scale_embedding}; Whisper's are gelu and False"
        )
    with torch.no_grad():
        return DecoderWeights(
            decoder.embed_tokens.weight.detach(),
            decoder.embed_positions.weight.detach(),
            [decoder_layer(layer) for layer in decoder.layers],
            _affine(decoder.layer_norm),
            whisper.proj_out.weight.detach(),
            int(config.decoder_attention_heads),
        )


def decoder_layer(layer: Any) -> DecoderLayer:
    """Take one layer of transformers' Whisper."""
    text, sound = layer.self_attn, layer.encoder_attn
    with torch.no_grad():
        return DecoderLayer(
            _affine(layer.self_attn_layer_norm),
            _joined(text.q_proj, text.k_proj, text.v_proj),
            _affine(text.out_proj),
            _affine(layer.encoder_attn_layer_norm),
            _affine(sound.q_proj),
            _joined(sound.k_proj, sound.v_proj),
            _affine(sound.out_proj),
            _affine(layer.final_layer_norm),
            _affine(layer.fc1),
            _affine(layer.fc2),
        )


def _affine(module: Any) -> Affine:
    return Affine(module.weight.detach(), module.bias.detach())


def _joined(*modules: Any) -> Affine:
    biases = [
        module.weight.new_zeros(len(module.weight)) if module.bias is None else module.bias
        for module in modules
    ]
    return Affine(torch.cat([module.weight for module in modules]).detach(), torch.cat(biases).detach())
