"""From a Whisper model of CTranslate2 to one of transformers."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ahasd.decoding.backend import torch, transformers
from ahasd.decoding.speech.models.ct2_file import Ct2File
from ahasd.errors import AhasdError

SPECIFICATION = "WhisperSpec"

Weights = dict[str, Any]


def whisper_of(file: Ct2File) -> Any:
    """Build transformers' Whisper from the variables of a file.

    CTranslate2 fuses the projections of a self-attention to one matrix (query, key, value) and those of a
    cross-attention to two (query; key, value), and gives keys, which have no bias, one of zeros.

    Returns
    -------
    WhisperForConditionalGeneration
        In float32, in evaluation mode.

    Raises
    ------
    AhasdError
        The file is of another kind of model, lacks a variable, or its shapes do not fit together.
    """
    if file.specification != SPECIFICATION:
        raise AhasdError(f"is a {file.specification} of CTranslate2; speech needs a {SPECIFICATION}")
    embedding = file.weight("decoder/embeddings/weight")
    position, heard = (file.weight(f"{side}/position_encodings/encodings") for side in ("decoder", "encoder"))
    first = file.weight("encoder/conv1/weight")
    inner = file.weight("decoder/layer_0/ffn/linear_0/weight")
    config = transformers.WhisperConfig(
        vocab_size=len(embedding),
        num_mel_bins=first.shape[1],
        d_model=embedding.shape[1],
        encoder_layers=_layers(file, "encoder"),
        decoder_layers=_layers(file, "decoder"),
        encoder_attention_heads=_heads(file, "encoder"),
        decoder_attention_heads=_heads(file, "decoder"),
        encoder_ffn_dim=len(file.weight("encoder/layer_0/ffn/linear_0/weight")),
        decoder_ffn_dim=len(inner),
        max_source_positions=len(heard),
        max_target_positions=len(position),
        # The file does not say them; our decoding asks the tokenizer.
        pad_token_id=None,
        bos_token_id=None,
        eos_token_id=None,
    )
    weights: Weights = {
        "model.decoder.embed_tokens.weight": embedding,
        "model.decoder.embed_positions.weight": position,
        "model.encoder.embed_positions.weight": heard,
        "proj_out.weight": file.weight("decoder/projection/weight"),
    }
    for side in ("encoder", "decoder"):
        weights |= _norm(file, f"{side}/layer_norm", f"model.{side}.layer_norm")
        for index in range(_layers(file, side)):
            weights |= dict(_layer(file, f"{side}/layer_{index}", f"model.{side}.layers.{index}"))
    for name in ("conv1", "conv2"):
        weights |= _linear(file, f"encoder/{name}", f"model.encoder.{name}")
    with torch.device("meta"):  # weights drawn at random, only to be replaced, take seconds
        model = transformers.WhisperForConditionalGeneration(config).eval()
    tensors = {name: torch.from_numpy(np.array(array, np.float32)) for name, array in weights.items()}
    try:
        model.load_state_dict(tensors, assign=True)
    except RuntimeError as error:
        raise AhasdError(
            f"its variables do not make up a Whisper model ({' '.join(str(error).split())})"
        ) from error
    return model


def _layer(file: Ct2File, source: str, to: str) -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
    own, out = _parts(file, f"{source}/self_attention/linear_0", 3), f"{source}/self_attention/linear_1"
    yield from _attention(own, f"{to}.self_attn").items()
    yield from _linear(file, out, f"{to}.self_attn.out_proj").items()
    yield from _norm(file, f"{source}/self_attention/layer_norm", f"{to}.self_attn_layer_norm").items()
    if f"{source}/attention/linear_0/weight" in file.variables:
        cross = f"{source}/attention"
        parts = _parts(file, f"{cross}/linear_0", 1) + _parts(file, f"{cross}/linear_1", 2)
        yield from _attention(parts, f"{to}.encoder_attn").items()
        yield from _linear(file, f"{cross}/linear_2", f"{to}.encoder_attn.out_proj").items()
        yield from _norm(file, f"{cross}/layer_norm", f"{to}.encoder_attn_layer_norm").items()
    for number in (0, 1):
        yield from _linear(file, f"{source}/ffn/linear_{number}", f"{to}.fc{number + 1}").items()
    yield from _norm(file, f"{source}/ffn/layer_norm", f"{to}.final_layer_norm").items()


def _parts(file: Ct2File, name: str, count: int) -> list[tuple[Any, Any]]:
    weights = np.split(file.weight(f"{name}/weight"), count)
    return list(zip(weights, np.split(file.weight(f"{name}/bias"), count), strict=True))


def _attention(parts: list[tuple[Any, Any]], to: str) -> Weights:
    found: Weights = {}
    for name, (weight, bias) in zip("qkv", parts, strict=True):
        found[f"{to}.{name}_proj.weight"] = weight
        if name != "k":
            found[f"{to}.{name}_proj.bias"] = bias
    return found


def _linear(file: Ct2File, source: str, to: str) -> Weights:
    return {f"{to}.weight": file.weight(f"{source}/weight"), f"{to}.bias": file.weight(f"{source}/bias")}


def _norm(file: Ct2File, source: str, to: str) -> Weights:
    return {f"{to}.weight": file.weight(f"{source}/gamma"), f"{to}.bias": file.weight(f"{source}/beta")}


def _layers(file: Ct2File, side: str) -> int:
    count = 0
    while f"{side}/layer_{count}/ffn/linear_0/weight" in file.variables:
        count += 1
    if not count:
        raise AhasdError(f"has no layer of the {side}")
    return count


def _heads(file: Ct2File, side: str) -> int:
    heads = file.variables.get(f"{side}/num_heads")
    if heads is None:
        raise AhasdError(f"does not say the heads of its {side}; convert the model again")
    return int(heads)
