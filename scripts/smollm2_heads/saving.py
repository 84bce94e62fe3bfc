"""What was trained as the folders that the runtime reads."""

import json
from pathlib import Path
from typing import Any

from ahasd.decoding.heads.medusa_file import save_medusa
from ahasd.decoding.heads.one_layer_file import NAMES, save_one_layer
from ahasd.decoding.models.language_model import LanguageModel
from smollm2_heads.medusa import MedusaHeads
from smollm2_heads.one_layer import OneLayer


def save_one_layer_draft(
    draft: OneLayer,
    target: LanguageModel,
    folder: Path,
    accuracy: list[list[float]],
    record: dict[str, Any],
) -> None:
    """Write the draft, and the record of its training."""
    tensors = {name: getattr(draft, name).detach() for name in NAMES}
    tensors["named"] = tensors["named"].int()
    save_one_layer(folder, target, tensors, draft.heads, draft.key_value_heads, accuracy)
    _record(folder, record)


def save_medusa_heads(
    heads: MedusaHeads,
    target: LanguageModel,
    folder: Path,
    accuracy: list[list[float]],
    record: dict[str, Any],
) -> None:
    """Write the heads, and the record of their training."""
    save_medusa(folder, target, heads.blocks.detach(), heads.named, accuracy)
    _record(folder, record)


def _record(folder: Path, record: dict[str, Any]) -> None:
    (folder / "training.json").write_text(json.dumps(record, indent=2) + "\n")
