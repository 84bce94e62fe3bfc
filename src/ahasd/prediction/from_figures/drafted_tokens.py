"""How many tokens a round drafts and emits."""

from dataclasses import dataclass

from ahasd.prediction.from_figures.setting import DraftMethod, Setting

#: Tokens drafted where the length is not said: defaults of the programs where most rows come from.
_USUAL_LENGTH: dict[DraftMethod, float] = {
    "draft-model": 5,
    "mtp": 3,
    "eagle": 4,
    "dflash": 7,
    "dspark": 4,
    "ngram": 4,
    "layer-skip": 1,
}

#: MLX's programs draft one token with a head of the target's own, and three with a draft model.
_MLX_HEAD_LENGTH, _MLX_DRAFT_LENGTH = 1.0, 3.0


@dataclass(frozen=True, slots=True)
class DraftedTokens:
    """Means of a round.

    Attributes
    ----------
    drafted
        Tokens, those of the rejected included.
    emitted
        Tokens: what was accepted and one of the target's own.
    """

    drafted: float
    emitted: float


def drafted_tokens(setting: Setting, likeliest_token: float) -> DraftedTokens | None:
    """Tokens of a round from acceptance and draft length; None where neither acceptance nor tokens are known.

    Acceptance is what programs report: accepted over drafted. So a round emits one and acceptance times drafted.
    Reported with a draft length that would make it unbelievably high, it means that drafts stopped early.
    """
    acceptance, emitted, length = setting.acceptance, setting.tokens_per_pass, setting.draft_length
    if emitted is not None:
        if acceptance:
            drafted = max(0.0, (emitted - 1) / acceptance)
            return DraftedTokens(min(drafted, length) if length else max(drafted, 0.5), emitted)
        return DraftedTokens(max(length or usual_length(setting), emitted - 1), emitted)
    if acceptance is None:
        return None
    drafted = believable_length(acceptance, length or usual_length(setting), likeliest_token)
    return DraftedTokens(drafted, 1 + acceptance * drafted)


def usual_length(setting: Setting) -> float:
    """The draft length where none is said."""
    if setting.method == "mtp" and setting.platform in ("mlx", "metal"):
        return _MLX_HEAD_LENGTH
    if setting.method == "draft-model" and setting.platform == "mlx":
        return _MLX_DRAFT_LENGTH
    return _USUAL_LENGTH[setting.method]


def accepted_share(chance: float, length: float) -> float:
    """Accepted over drafted tokens when each is accepted by the same chance and the first rejection ends a round.

    Examples
    --------
    >>> accepted_share(0.5, 2)
    0.375
    """
    return chance * (1 - chance**length) / (1 - chance) / length if chance < 1 else 1.0


def believable_length(acceptance: float, length: float, likeliest_token: float) -> float:
    """The longest draft, of one token at least, at which this share of it can be accepted."""
    if length <= 1 or accepted_share(likeliest_token, length) >= acceptance:
        return length
    low, high = 1.0, length
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if accepted_share(likeliest_token, middle) >= acceptance else (low, middle)
    return low


def chance_of_share(share: float, length: float) -> float:
    """The chance of a token that gives a share of accepted over drafted: `accepted_share` the other way round."""
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if accepted_share(middle, length) < share else (low, middle)
    return (low + high) / 2
