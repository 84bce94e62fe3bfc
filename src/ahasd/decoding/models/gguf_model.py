"""A model out of a ``.gguf`` file: dequantised to the type it runs in, and checked like one out of a folder."""

import os
from pathlib import Path
from typing import Any

from ahasd.decoding.backend import torch, transformers
from ahasd.decoding.models.gguf_architectures import (
    ROTARY_FACTORS,
    GgufArchitecture,
    architecture_of,
    configuration,
    names_of,
)
from ahasd.decoding.models.gguf_file import GgufFile
from ahasd.decoding.models.gguf_tokenizer import read_tokenizer
from ahasd.decoding.models.model_folder import check_model, naming, without_progress_bars
from ahasd.errors import AhasdError

SUFFIX = ".gguf"


def dequantised_size(path: Path) -> str:
    """Say how large the file is and how large its weights become, before they are read."""
    return _size(GgufFile(path))


def read_gguf(path: Path, device: str, dtype: str) -> tuple[Any, Any]:
    """Load model and tokenizer.

    Parameters
    ----------
    dtype
        Type of torch; "auto" is float32, since the blocks of such a file are products of float16 scales.

    Returns
    -------
    model, tokenizer
        As `ahasd.decoding.models.model_folder.read_folder` gives them.

    Raises
    ------
    AhasdError
        If the package gguf is missing, the file is damaged, its architecture or tokenizer is none of those known, it
        lacks or exceeds the tensors of its architecture, or the machine has not the memory.
    """
    file = GgufFile(path)
    known = architecture_of(file)
    _check_memory(file)
    tokenizer = read_tokenizer(file)
    with naming(f"model {path}: no model can be made of it"), without_progress_bars():
        config = transformers.AutoConfig.for_model(**configuration(file, known))
        weights = _weights(file, known, names_of(file, known, config.num_hidden_layers), config)
        kind = transformers.MODEL_FOR_CAUSAL_LM_MAPPING[type(config)]
        model, found = kind.from_pretrained(
            None,
            config=config,
            state_dict=weights,
            dtype=torch.float32 if dtype == "auto" else getattr(torch, dtype),
            output_loading_info=True,
        )
        if ROTARY_FACTORS in file.names:
            _stretch(model, file.weight(ROTARY_FACTORS))
    return check_model(path, model, found, device), tokenizer


def _weights(file: GgufFile, known: GgufArchitecture, names: dict[str, str], config: Any) -> dict[str, Any]:
    weights = {}
    for name, ours in names.items():
        weight = file.weight(name)
        if known.interleaved and name.endswith(("attn_q.weight", "attn_k.weight")):
            heads = config.num_attention_heads if "attn_q" in name else config.num_key_value_heads
            weight = _halves(weight, heads)
        elif known.norms_plus_one and name.endswith("norm.weight"):
            weight = weight - 1
        weights[ours] = weight
    return weights


def _halves(weight: Any, heads: int) -> Any:
    """Undo llama.cpp's order of the rows of each head: (pair, 2) back to (2, pair)."""
    rows, columns = weight.shape
    return weight.view(heads, rows // heads // 2, 2, columns).transpose(1, 2).reshape(rows, columns)


def _stretch(model: Any, factors: Any) -> None:
    """Divide the frequencies of the rotary positions by the factors of the file."""
    rotary = model.model.rotary_emb
    rotary.inv_freq = rotary.inv_freq / factors
    rotary.original_inv_freq = rotary.inv_freq


def _check_memory(file: GgufFile) -> None:
    """See that the dequantised weights fit into the memory of the machine, where it says how much it has."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return  # Windows
    if file.bytes_as_float32 > memory:
        raise AhasdError(
            f"model {file.path}: {_size(file)}, and the machine has {memory / 1e9:.1f} GB; take a smaller model"
        )


def _size(file: GgufFile) -> str:
    return f"{file.path.stat().st_size / 1e6:.0f} MB, dequantised to {file.bytes_as_float32 / 1e6:.0f} MB of float32"
