"""The folder of a draft of one layer: what it belongs to, and its own weights in a byte each."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.heads.head_files import checked_accuracy, read_document, read_tensors, write_heads
from ahasd.decoding.heads.one_layer_draft import OneLayerDraft
from ahasd.decoding.heads.target_parts import check_identity, target_identity, target_parts
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.model_folder import naming
from ahasd.errors import AhasdError
from ahasd.speculation.trees.guesses import Probabilities

DOCUMENT, WEIGHTS = "one_layer.json", "one_layer.safetensors"

#: The matrices and norms of the folder.
NAMES = frozenset(
    {
        "named",
        "token_in",
        "state_in",
        "attention_norm",
        "query",
        "key",
        "value",
        "attention_out",
        "mlp_norm",
        "gate",
        "up",
        "down",
        "norm",
    }
)


def save_one_layer(
    folder: Path,
    target: LanguageModel,
    tensors: Mapping[str, Any],
    heads: int,
    key_value_heads: int,
    accuracy: Probabilities,
) -> None:
    """Write a draft.

    Parameters
    ----------
    tensors
        Those of `NAMES`, matrices as torch's linear layers have them.
    heads, key_value_heads, accuracy
        As of `OneLayerDraft`.
    """
    document = {
        "target": target_identity(target),
        "heads": heads,
        "key_value_heads": key_value_heads,
        "accuracy": [list(row) for row in accuracy],
    }
    write_heads(folder, (DOCUMENT, document), (WEIGHTS, tensors))


def load_one_layer(folder: Path, target: LanguageModel, name: str) -> OneLayerDraft:
    """Read a draft for a target that is loaded.

    Raises
    ------
    AhasdError
        There is none, its files are damaged, or it belongs to another target.
    """
    called = f"draft of one layer {folder}"
    document = read_document(folder / DOCUMENT, called)
    check_identity(document.get("target"), target, called)
    tensors = read_tensors(folder / WEIGHTS, called)
    parts = target_parts(target)
    device = parts.embedding.device
    with naming(f"{called}: cannot be read; train it again"):
        if tensors.keys() != NAMES:
            raise AhasdError(f"{called}: holds other tensors than {', '.join(sorted(NAMES))}")
        own = {key: tensor.to(device) for key, tensor in tensors.items()}
        named = own["named"].long()
        draft = OneLayerDraft(
            name=name,
            context_limit=target.context_limit,
            vocabulary_size=target.vocabulary_size,
            embedding=parts.embedding.float(),
            fused_in=torch.cat([own["token_in"], own["state_in"]], 1),
            attention_norm=own["attention_norm"],
            attention_in=torch.cat([own["query"], own["key"], own["value"]]),
            attention_out=own["attention_out"].t(),
            mlp_norm=own["mlp_norm"],
            mlp_in=torch.cat([own["gate"], own["up"]]),
            mlp_out=own["down"].t(),
            norm=own["norm"],
            named=named,
            head=parts.head[named].float(),
            heads=int(document["heads"]),
            key_value_heads=int(document["key_value_heads"]),
            epsilon=parts.epsilon,
            frequencies=parts.frequencies,
            accuracy=checked_accuracy(document, called),
        )
        if draft.head_width != 2 * len(parts.frequencies) or draft.width % draft.heads:
            raise AhasdError(
                f"{called}: its attention has heads of another width than the target's; train it again"
            )
    return draft
