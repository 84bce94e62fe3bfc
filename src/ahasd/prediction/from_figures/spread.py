"""How far other people's measurements lie from a prediction."""

from math import exp

from ahasd.prediction.from_figures.setting import Setting

#: Share of published speed-ups that an interval is to hold.
COVERAGE = 0.8

#: Natural logarithms of the interval's ends over the mean, for a well known setting. Chosen so that the intervals
#: hold four of five rows of sources that were left out of the fit. Misses are not even: what is wrong with a build
#: makes decoding slower, hardly ever faster.
BELOW, ABOVE = 0.21, 0.15

#: What widens it, and what narrows it: ratios of the misses of such rows to those of the others, rounded (ours).
BLOCK_DRAFTER = 1.5
APPLE_OR_CPU = 1.3
SELDOM_USED_PROGRAM = 2.0
COPYING = 0.6
#: Below the mean only: weights that take nearly all of the device's memory leave it open what the draft displaces.
NEARLY_FULL = 3.0
FULL_SHARE = 0.88
#: Figures that were recalled and not read.
RECALLED = 1.1


def interval_of(mean: float, setting: Setting) -> tuple[float, float]:
    """The ends of the interval around a mean speed-up."""
    scale = 1.0
    if setting.method == "ngram":
        scale *= COPYING
    if setting.method in ("dflash", "dspark", "layer-skip"):
        scale *= BLOCK_DRAFTER
    if setting.platform in ("metal", "mlx", "cpu", "npu"):
        scale *= APPLE_OR_CPU
    if not setting.usual_runtime:
        scale *= SELDOM_USED_PROGRAM
    if setting.devices and all(device.is_recalled for device in setting.devices):
        scale *= RECALLED
    below = NEARLY_FULL if is_nearly_full(setting) else 1.0
    return mean * exp(-BELOW * scale * below), mean * exp(ABOVE * scale)


def is_nearly_full(setting: Setting) -> bool:
    """Whether the target's weights leave little of the device's memory."""
    if setting.memory is None or setting.target.stored_bytes is None:
        return False
    return setting.target.stored_bytes / setting.processors > FULL_SHARE * setting.memory
