"""The same function in more layers: what a deeper model costs, with the text of the shallow one."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.models.language_model import LanguageModel


def deepen(model: LanguageModel, layers: int) -> LanguageModel:
    """Add identity layers to a Llama-shaped model: full ones whose two output projections are zero."""
    config = deepcopy(model.model.config)
    have, config.num_hidden_layers = config.num_hidden_layers, layers
    deep: Any = type(model.model)(config).eval()
    deep.load_state_dict(model.model.state_dict(), strict=False)
    deep.generation_config = deepcopy(model.model.generation_config)
    with torch.no_grad():
        for layer in deep.model.layers[have:]:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
    return replace(model, name=f"{model.name}-{layers}-layers", model=deep)
