"""A published model: its configuration, and what is known of it."""

from typing import Any, NamedTuple

Config = dict[str, Any]


class Row(NamedTuple):
    """Its name on the hub; parameters; layers, key-value heads x channels and window of each kind; configuration."""

    name: str
    parameters: int
    cache: list[tuple[int, int, int | None]]
    config: Config


def sizes(
    family: str,
    vocabulary: int,
    hidden: int,
    inner: int,
    layers: int,
    heads: int,
    shared: int = 0,
    **more: Any,
) -> Config:
    """Fields that most families spell alike."""
    return (
        {
            "model_type": family,
            "vocab_size": vocabulary,
            "hidden_size": hidden,
            "intermediate_size": inner,
            "num_hidden_layers": layers,
            "num_attention_heads": heads,
            "hidden_act": "silu",
            "max_position_embeddings": 4096,
        }
        | ({"num_key_value_heads": shared} if shared else {})
        | more
    )


def small_gpt(family: str, vocabulary: int, width: int, layers: int, heads: int, **more: Any) -> Config:
    """GPT-2's fields."""
    return {
        "model_type": family,
        "vocab_size": vocabulary,
        "n_embd": width,
        "n_layer": layers,
        "n_head": heads,
        "n_positions": 1024,
        "activation_function": "gelu_new",
    } | more
