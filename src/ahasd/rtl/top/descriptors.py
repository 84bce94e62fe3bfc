"""What the entries of the three queues hold: places, lengths and predictions, not token numbers."""

from amaranth.lib import data

from ahasd.rtl.controllers.edc import prediction_layout
from ahasd.rtl.parameters import HardwareParameters

#: Bits of a token's place in the text, as many as of a context length.
POSITION_BITS = 16


def draft_layout(parameters: HardwareParameters) -> data.StructLayout:
    """An unverified batch: where it starts, its tokens, and EDC's prediction (the token numbers lie in memory)."""
    return data.StructLayout(
        {"start": POSITION_BITS, "length": parameters.batch_bits, "prediction": prediction_layout(parameters)}
    )


def verdict_layout(parameters: HardwareParameters) -> data.StructLayout:
    """A verdict: tokens accepted, whether those are all, and the prediction on its way back.

    ``leaves`` says of a batch that was accepted in full that the text nevertheless goes on elsewhere than the draft
    did: the target's own token after the batch is another one. A rejection says so by itself.
    """
    return data.StructLayout(
        {
            "accepted": parameters.batch_bits,
            "fully": 1,
            "leaves": 1,
            "prediction": prediction_layout(parameters),
        }
    )


def preverification_layout(parameters: HardwareParameters) -> data.StructLayout:
    """A pre-verification: its first token and how many."""
    return data.StructLayout({"start": POSITION_BITS, "tokens": parameters.tvc.fixed_point.token_bits})
