"""Llama-shaped models with random weights, for what a step costs; what they write means nothing."""

from ahasd.decoding.backend import torch, transformers
from ahasd.decoding.models.language_model import LanguageModel


def random_llama(name: str, layers: int, width: int, device: str, dtype: str) -> LanguageModel:
    """Make a model with heads of 128, four queries per key, a vocabulary of 32,000 and a context of 4,096."""
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=32_000,
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=width // 128,
        num_key_value_heads=max(1, width // 512),
        head_dim=128,
        max_position_embeddings=4096,
        eos_token_id=None,
    )
    with torch.device(device):
        model = transformers.AutoModelForCausalLM.from_config(config, dtype=getattr(torch, dtype))
    return LanguageModel(name, model.eval(), None)
