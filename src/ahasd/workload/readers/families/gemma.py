"""Gemma 1 to 3, and VaultGemma."""

from ahasd.errors import AhasdError
from ahasd.workload.readers.families.common import Values, biases, common, is_set
from ahasd.workload.readers.families.layer_kinds import every, stated_or, with_windows
from ahasd.workload.readers.fields import ConfigReader


def gemma(reader: ConfigReader) -> Values:
    """Gemma 1; `hidden_activation` of later files says what `hidden_act` then means."""
    activation = "hidden_activation" if reader.contents.get("hidden_activation") else "hidden_act"
    return (
        common(reader, activation)
        | {
            "key_value_heads": reader.integer("num_key_value_heads"),
            "head_dim": reader.integer("head_dim"),
            "tied_embeddings": reader.flag("tie_word_embeddings", True),
        }
        | biases(reader.flag("attention_bias", False))
    )


def gemma2(reader: ConfigReader) -> Values:
    """Gemma 2: norms on both sides, capped scores and logits, a window in every other layer."""
    return vaultgemma(reader) | {"norm_placement": "both"}


def gemma3(reader: ConfigReader) -> Values:
    """Gemma 3: norms of queries and keys rather than caps, windows in five layers of six."""
    values = gemma(reader) | {"norm_placement": "both", "query_key_norm": True} | caps(reader, False)
    period = reader.integer("sliding_window_pattern", 6)
    return with_windows(reader, values, stated_or(reader, every(values["layers"], period)))


def vaultgemma(reader: ConfigReader) -> Values:
    """VaultGemma: Gemma 2 without the norms behind its blocks."""
    values = gemma(reader) | caps(reader, True)
    return with_windows(reader, values, stated_or(reader, every(values["layers"], 2)))


def caps(reader: ConfigReader, default: bool) -> Values:
    """Whether scores and logits are capped; files that do not say follow their family.

    Raises
    ------
    AhasdError
        The model attends to what comes after, too.
    """
    if reader.contents.get("use_bidirectional_attention") not in (None, False, "vision"):
        raise AhasdError(
            f"{reader.origin}: 'use_bidirectional_attention' makes it a model of embeddings, which writes no text"
        )
    return {
        "attention_soft_cap": is_set(reader, "attn_logit_softcapping", default),
        "logit_soft_cap": is_set(reader, "final_logit_softcapping", default),
    }
