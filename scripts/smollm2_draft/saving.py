"""A student as the folder of a draft (`ahasd.decoding.models.shared_draft`)."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from ahasd.decoding.models.shared_draft import DOCUMENT, WEIGHTS
from smollm2_draft.student import Student

_ENTRIES = (
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "max_position_embeddings",
    "rms_norm_eps",
    "rope_parameters",
)


def save(student: Student, target: str, end_token: int, folder: Path) -> None:
    """Write what is the draft's own, in half precision."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        f"model.{name.removeprefix('body.')}"
        if name.startswith("body.")
        else name: tensor.half().contiguous()
        for name, tensor in student.state_dict().items()
        if name != "named"
    }
    tensors["named"] = student.named.to(torch.int32)
    save_file(tensors, folder / WEIGHTS)
    config = {entry: getattr(student.body.config, entry) for entry in _ENTRIES}
    tokens = {"bos_token_id": None, "eos_token_id": end_token, "pad_token_id": None}
    document = {"target": target, "config": config | tokens}
    (folder / DOCUMENT).write_text(json.dumps(document, indent=2) + "\n")
