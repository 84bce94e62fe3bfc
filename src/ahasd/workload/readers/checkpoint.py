"""Whether the weights beside a `config.json` are those of the model that it describes."""

import json
import re
from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError
from ahasd.workload.model_spec import ModelSpec

#: Types of weights that are kept one by one; a quantised format packs several into an element.
_WHOLE_TYPES = {"F64", "F32", "F16", "BF16"}
#: Tables that some versions stored beside the parameters, as the ends of their names.
_TABLES = (
    *(".inv_freq", ".cos_cached", ".sin_cached", ".layer_scalar", ".attn.bias", ".attn.masked_bias"),
    *(".attention.bias", ".attention.masked_bias", ".attn.causal_mask"),
)
#: What the tensors of the text model of several parts are named like.
_OF_TEXT = re.compile(r"(^|\.)(language_model|text_model|lm_head)\.|^model\.(layers|embed_tokens|norm)\.")
#: Corrections of a router's scores, which transformers counts as parameters of some families only.
_CORRECTIONS = (".e_score_correction_bias", ".expert_bias")
#: A layer's number in the name of a tensor.
_LAYER = re.compile(r"(?:^|\.)layers\.(\d+)\.")
#: Bytes that the head of a safetensors file may have, by the format's own limit.
_LONGEST_HEAD = 100_000_000

#: (name, type, elements) of a tensor.
_Tensor = tuple[str, str, int]


def check_checkpoint(spec: ModelSpec, folder: Path, text_only: bool = False) -> None:
    """Compare the parameters of `model.safetensors` (all its parts, if it has several) with those of a spec.

    Only names, types and shapes are read. Without such a file, with parts missing, or with quantised weights there is
    nothing to compare; nor where layers share a cache, since published files hold matrices that nobody reads.

    Parameters
    ----------
    spec
        What the configuration tells.
    folder
        Where the weights are.
    text_only
        Whether the weights are of several parts, of which the spec is the text model.

    Raises
    ------
    AhasdError
        The counts differ: the weights are another model's than the configuration tells, such as a draft head's; or a
        file is broken.
    """
    tensors = [tensor for path in _files(folder) for tensor in _tensors(path)]
    tensors = [tensor for tensor in tensors if not tensor[0].endswith(_TABLES)]
    if not any(experts.score_correction for experts in spec.experts):
        tensors = [tensor for tensor in tensors if not tensor[0].endswith(_CORRECTIONS)]
    if spec.further_token_layers:
        tensors = [tensor for tensor in tensors if not _predicts_further(tensor[0], spec.layers)]
    if text_only:
        tensors = [tensor for tensor in tensors if _OF_TEXT.search(tensor[0])]
    if any(group.shares_cache for group in spec.groups):
        return
    if not tensors or any(kind not in _WHOLE_TYPES for _, kind, _ in tensors):
        return
    held = sum(elements for _, _, elements in tensors)
    # A tied head is stored once or twice.
    head = spec.vocabulary_size * spec.embedding_width
    twice = spec.tied_embeddings and held == spec.parameters + head
    if held != spec.parameters and not twice:
        raise AhasdError(
            f"{folder / 'config.json'} describes {spec.parameters:,} parameters of a plain {spec.family} model, and "
            f"the weights beside it are {held:,}{_strangers(tensors)}: not the model that the configuration tells"
        )


def _predicts_further(name: str, layers: int) -> bool:
    """Whether a tensor is of a layer that predicts further tokens: named so, or behind the plain layers."""
    number = _LAYER.search(name)
    return name.startswith(("mtp.", "model.mtp.")) or (number is not None and int(number[1]) >= layers)


def _strangers(tensors: list[_Tensor]) -> str:
    """Names of tensors outside layers, embedding, norm and head, for the message."""
    known = ("layers.", "h.", "embed", "wte", "wpe", "norm", "ln_f", "lm_head", "project_")
    names = [name for name, _, _ in tensors if not any(part in name for part in known)]
    return f" (among them {', '.join(names[:3])})" if names else ""


def _files(folder: Path) -> list[Path]:
    whole, index = folder / "model.safetensors", folder / "model.safetensors.index.json"
    if whole.is_file():
        return [whole]
    if not index.is_file():
        return []
    try:
        parts = {str(name) for name in json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AhasdError(f"{index} is no index of safetensors files: {error}") from error
    files = [folder / part for part in sorted(parts)]
    return files if all(file.is_file() for file in files) else []


def _tensors(path: Path) -> Iterator[_Tensor]:
    """Read the head of a safetensors file: its length in eight bytes, then JSON."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > _LONGEST_HEAD:
                raise ValueError(f"its head would be of {length} bytes")
            head: Mapping[str, Any] = json.loads(file.read(length))
        for name, entry in head.items():
            if name != "__metadata__":
                yield name, str(entry["dtype"]), prod(entry["shape"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AhasdError(f"{path} is not a safetensors file: {error}") from error
