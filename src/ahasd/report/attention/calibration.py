"""Which heads of a real model were found to need the whole context."""

from typing import TYPE_CHECKING, Any

import numpy as np

from ahasd.report.text import paragraphs
from ahasd.sparse_attention.pages.window import Window

if TYPE_CHECKING:
    from ahasd.decoding.sparse_attention.calibration import Calibration


def calibration_text(model: str, found: "Calibration", prompts: int, length: int, window: Window) -> str:
    """Say which head matters most, and what a split by need is worth."""
    layer, head = np.unravel_index(found.deviation.argmax(), found.deviation.shape)
    return (
        "\n".join(
            paragraphs(
                [
                    f"{model}: with the half of its {found.deviation.size} key-value heads that need the context "
                    f"least streaming, the output moves by {found.least_needed:.1%}, and by {found.even:.1%} with "
                    f"half of every layer; head {head} of layer {layer} alone moves it by "
                    f"{found.deviation.max():.1%}.",
                    f"Over {prompts} prompts of {length} tokens, of whose answers the dense model gives "
                    f"{found.known:.0%} of the tokens right; a streaming head reads {window.sink} first and "
                    f"{window.recent} last tokens. Moved: squared distance of the last hidden states over their "
                    "squared length, at the tokens of the answers.",
                ]
            )
        )
        + "\n"
    )


def calibration_json(
    model: str, found: "Calibration", prompts: int, length: int, window: Window
) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "model": model,
        "prompts": prompts,
        "prompt_tokens": length,
        "sink": window.sink,
        "recent": window.recent,
        "known_by_the_dense_model": found.known,
        "deviation": found.deviation.tolist(),
        "deviation_of_half_by_need": found.least_needed,
        "deviation_of_half_of_every_layer": found.even,
    }
