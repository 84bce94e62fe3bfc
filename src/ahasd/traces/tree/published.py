"""How often published heads are right: the share of guesses whose truth was among a head's first k candidates."""

#: Medusa's five heads (one residual block each) for Vicuna 1.3, top-1 to top-5 on their training text at the end of
#: training (github.com/FasterDecoding/Medusa, assets/medusa_acc.csv, commit e2a5d20, rounded to three digits). Text
#: that the heads were not trained on would give less.
WITHIN: dict[str, tuple[tuple[float, ...], ...]] = {
    "medusa-7b": (
        (0.560, 0.672, 0.727, 0.760, 0.780),
        (0.316, 0.424, 0.485, 0.528, 0.563),
        (0.201, 0.288, 0.348, 0.383, 0.417),
        (0.147, 0.225, 0.274, 0.311, 0.340),
        (0.118, 0.187, 0.235, 0.272, 0.300),
    ),
    "medusa-13b": (
        (0.594, 0.705, 0.758, 0.792, 0.816),
        (0.340, 0.440, 0.507, 0.546, 0.580),
        (0.216, 0.309, 0.361, 0.403, 0.436),
        (0.150, 0.232, 0.288, 0.323, 0.354),
        (0.122, 0.196, 0.243, 0.279, 0.307),
    ),
    "medusa-33b": (
        (0.605, 0.716, 0.765, 0.798, 0.822),
        (0.356, 0.469, 0.529, 0.569, 0.596),
        (0.225, 0.320, 0.379, 0.421, 0.446),
        (0.160, 0.249, 0.307, 0.348, 0.376),
        (0.137, 0.207, 0.262, 0.298, 0.326),
    ),
}
