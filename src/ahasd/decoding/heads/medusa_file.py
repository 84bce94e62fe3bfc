"""The folder of Medusa heads."""

from pathlib import Path
from typing import Any

from ahasd.decoding.heads.head_files import checked_accuracy, read_document, read_tensors, write_heads
from ahasd.decoding.heads.medusa_heads import MedusaHeads
from ahasd.decoding.heads.target_parts import check_identity, target_identity, target_parts
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.model_folder import naming
from ahasd.errors import AhasdError
from ahasd.speculation.trees.guesses import Probabilities

DOCUMENT, WEIGHTS = "medusa.json", "medusa.safetensors"


def save_medusa(
    folder: Path, target: LanguageModel, blocks: Any, named: Any, accuracy: Probabilities
) -> None:
    """Write heads: blocks (heads, width, width), the tokens that they can guess, and how often they were right."""
    tensors = {f"block.{index}": block for index, block in enumerate(blocks)} | {"named": named.int()}
    document = {"target": target_identity(target), "accuracy": [list(row) for row in accuracy]}
    write_heads(folder, (DOCUMENT, document), (WEIGHTS, tensors))


def load_medusa(folder: Path, target: LanguageModel, name: str) -> MedusaHeads:
    """Read heads for a target that is loaded.

    Raises
    ------
    AhasdError
        There are none, their files are damaged, or they belong to another target.
    """
    called = f"Medusa heads {folder}"
    document = read_document(folder / DOCUMENT, called)
    check_identity(document.get("target"), target, called)
    tensors = read_tensors(folder / WEIGHTS, called)
    parts = target_parts(target)
    device = parts.head.device
    with naming(f"{called}: cannot be read; train them again"):
        named = tensors["named"].long().to(device)
        accuracy = checked_accuracy(document, called)
        blocks = tuple(tensors[f"block.{index}"].to(device) for index in range(len(accuracy)))
        if not blocks or any(block.shape != (len(parts.norm),) * 2 for block in blocks):
            raise AhasdError(f"{called}: holds no blocks of the target's width; train them again")
        return MedusaHeads(name, blocks, named, parts.head[named].float(), accuracy)
