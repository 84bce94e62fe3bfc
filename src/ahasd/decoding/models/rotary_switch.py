"""Rotary positions that change with the length of the text (LongRoPE, arXiv 2402.13753)."""

from dataclasses import dataclass
from typing import Any

#: Models whose `prepare_inputs_for_generation` in transformers 5 throws the cache away at the switch, so that all the
#: text is rotated anew; the others keep what they have.
DROPS_CACHE = frozenset({"phi3", "phimoe", "phi4_multimodal"})


@dataclass(frozen=True, slots=True)
class RotarySwitch:
    """A length of the text from which on other rotations hold.

    A forward rotates all of its tokens alike, by the last one's position. So tokens on both sides of the switch may
    not go through in one forward if the text is to be that of one token after another.

    Parameters
    ----------
    length
        Tokens of the longest text that has the short rotations.
    drops_cache
        Whether keys and values of the text before are computed anew when it is passed.
    """

    length: int
    drops_cache: bool


def rotary_switch(config: Any) -> RotarySwitch | None:
    """Give the switch that a configuration of transformers asks for; None if there is none."""
    text = config.get_text_config()
    parameters = getattr(text, "rope_parameters", None) or {}
    # One set of parameters, or one for each type of layer.
    sets = [parameters, *(value for value in parameters.values() if isinstance(value, dict))]
    lengths = [
        int(values["original_max_position_embeddings"])
        for values in sets
        if values.get("rope_type") == "longrope" and values.get("original_max_position_embeddings")
    ]
    return RotarySwitch(min(lengths), text.model_type in DROPS_CACHE) if lengths else None
