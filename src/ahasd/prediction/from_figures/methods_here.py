"""Which ways to draft somebody can try with what they have."""

from ahasd.errors import AhasdError
from ahasd.prediction.from_figures.setting import METHODS, DraftMethod, Setting

#: Methods that need a head trained for the target, which most targets have not.
TRAINED_HEADS: tuple[DraftMethod, ...] = ("eagle", "dflash")


def methods_at_hand(setting: Setting) -> tuple[DraftMethod, ...]:
    """What needs nothing but what was named: copying, the draft model, the head, layers that the target brings."""
    found: list[DraftMethod] = []
    if setting.draft is not None:
        found.append("draft-model")
    if setting.head is not None:
        found.append(setting.head.method)
    if setting.target.predicting:
        found.append("mtp")
    return (*found, "ngram")


def methods_if_trained(setting: Setting) -> tuple[DraftMethod, ...]:
    """What would be possible with a head for this target, where none is named."""
    return () if setting.head is not None else TRAINED_HEADS


def check_methods(setting: Setting, wanted: list[DraftMethod]) -> None:
    """See that methods that somebody chose go with the draft.

    Raises
    ------
    AhasdError
        The draft model or the head is missing, or is not used.
    """
    if "draft-model" in wanted and setting.draft is None:
        raise AhasdError("draft-model needs a draft; name it with --draft")
    if setting.draft is not None and "draft-model" not in wanted:
        raise AhasdError(
            f"--draft {setting.draft.name} changes nothing, since --methods leaves out draft-model"
        )
    if setting.head is not None and setting.head.method not in wanted:
        raise AhasdError(
            f"--draft {setting.head.name} changes nothing, since --methods leaves out {setting.head.method}, "
            f"as which its {setting.head.kind} head counts"
        )


def in_order(methods: list[str]) -> list[DraftMethod]:
    """The methods in the order in which they are known."""
    return [method for method in METHODS if method in methods]
