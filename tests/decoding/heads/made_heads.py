"""Small heads with drawn weights, for a target of a test: what they guess is mostly wrong, which changes no text."""

import torch

from ahasd.decoding.heads.medusa_file import save_medusa
from ahasd.decoding.heads.one_layer_file import save_one_layer

ACCURACY = [[0.4, 0.2, 0.1], [0.3, 0.2, 0.1], [0.2, 0.1, 0.1], [0.2, 0.1, 0.1]]


def named_tokens(target):
    """Three of four tokens."""
    tokens = torch.arange(target.vocabulary_size)
    return tokens[tokens % 4 != 1]


def make_medusa(folder, target, seed=0):
    torch.manual_seed(seed)
    width = target.model.config.hidden_size
    blocks = torch.randn(len(ACCURACY), width, width) / width**0.5
    save_medusa(folder, target, blocks, named_tokens(target), ACCURACY)
    return folder


def make_one_layer(folder, target, seed=0):
    torch.manual_seed(seed)
    width, inner = target.model.config.hidden_size, 24
    size = target.model.model.layers[0].self_attn.head_dim
    heads, kv = width // size, size

    def matrix(rows, columns):
        return torch.randn(rows, columns) / columns**0.5

    tensors = {
        "named": named_tokens(target).int(),
        "token_in": matrix(width, width),
        "state_in": matrix(width, width),
        "attention_norm": torch.ones(width),
        "query": matrix(width, width),
        "key": matrix(kv, width),
        "value": matrix(kv, width),
        "attention_out": matrix(width, width),
        "mlp_norm": torch.ones(width),
        "gate": matrix(inner, width),
        "up": matrix(inner, width),
        "down": matrix(width, inner),
        "norm": torch.ones(width),
    }
    save_one_layer(folder, target, tensors, heads, 1, ACCURACY)
    return folder
