"""The methods that a user can ask for, by name."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from ahasd.decoding.speech.drafts.draft import SpeechDraft
from ahasd.decoding.speech.method import PLAIN, SpeechMethod
from ahasd.errors import AhasdError, UnknownNameError
from ahasd.speculation.recycling.options import SpeechDraftOptions

#: Tokens of a round of plain speculative decoding, unless another number is given. Ours (docs/speech.md).
LENGTH = 4

#: Where SpecASR's truncation stops, unless told otherwise. Ours: the paper publishes no threshold, and of those tried
#: 0.5 gives the most accepted of the drafted tokens without more rounds (docs/speech.md).
TRUNCATION = 0.5

NAMES = ("auto", PLAIN, "speculative", "specasr")


def methods(asked: str, drafts: Sequence[SpeechDraft]) -> list[SpeechMethod]:
    """Give the methods that a user's words mean.

    Parameters
    ----------
    asked
        "plain"; "speculative" or "speculative:LENGTH"; "specasr" or "specasr:truncation=…,recycling=…" with the
        fields of `SpeechDraftOptions`; "auto": plain, and specasr with every draft.
    drafts
        Those at hand.

    Raises
    ------
    AhasdError
        The words mean none, or a draft is needed and there is none.
    """
    name, _, rest = asked.partition(":")
    if name not in NAMES:
        raise UnknownNameError("method", name, NAMES)
    if name in ("auto", PLAIN) and rest:
        raise AhasdError(f"method {asked}: {name} takes no options; specasr does")
    if name == PLAIN:
        return [SpeechMethod(PLAIN)]
    if name == "auto":
        return [SpeechMethod(PLAIN), *(_with(draft, "specasr", "") for draft in drafts)]
    if not drafts:
        raise AhasdError(f"method {asked} needs a draft; give --draft, or take --method plain")
    return [_with(draft, name, rest) for draft in drafts]


def _with(draft: SpeechDraft, name: str, rest: str) -> SpeechMethod:
    options = _fixed(rest) if name == "speculative" else _specasr(rest, draft)
    return SpeechMethod(f"{name} with {draft.name}", draft, options)


def _fixed(rest: str) -> SpeechDraftOptions:
    if not rest:
        return SpeechDraftOptions(longest=LENGTH)
    return SpeechDraftOptions(longest=_value("length", rest, int))


def _specasr(rest: str, draft: SpeechDraft) -> SpeechDraftOptions:
    # A masked pass and a tree ask the draft about the target's tokens, which a re-tokenised one does not write.
    recycling: Any = "reuse" if draft.retokenised else "masked"
    preset = SpeechDraftOptions(truncation=TRUNCATION, recycling=recycling)
    kinds = {field.name: type(getattr(preset, field.name)) for field in fields(preset)}
    given: dict[str, Any] = {}
    for part in filter(None, rest.split(",")):
        key, equals, text = part.partition("=")
        if key not in kinds:
            raise UnknownNameError("option of specasr", key, kinds)
        if not equals:
            raise AhasdError(f"option of specasr '{part}': write {key}=VALUE")
        given[key] = _value(key, text, kinds[key])
    options = replace(preset, **given)
    if draft.retokenised and (options.recycling == "masked" or options.branching):
        raise AhasdError(
            f"draft {draft.name} has another tokenizer than the target: masked recycling and branching need one that "
            "writes the target's tokens; take recycling=reuse"
        )
    return options


def _value(key: str, text: str, kind: type) -> Any:
    if kind is str:
        return text
    if kind is bool:
        if text not in ("true", "false"):
            raise AhasdError(f"option {key} is '{text}'; must be true or false")
        return text == "true"
    try:
        return kind(text)
    except ValueError:
        raise AhasdError(f"option {key} is '{text}', not a number") from None
