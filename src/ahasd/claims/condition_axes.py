"""Changes of conditions, and combinations of them."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import product
from typing import TypeVar

from ahasd.claims.condition import Condition, RunCondition

ConditionType = TypeVar("ConditionType", bound=Condition)

#: One way to change a condition.
Change = Callable[[ConditionType], ConditionType]


def saying(words: str, kind: type[ConditionType], **changed: object) -> Change[ConditionType]:
    """A change of fields of a kind of condition, and what it is called."""

    def change(condition: ConditionType) -> ConditionType:
        said = ", ".join(filter(None, (condition.said, words)))
        return replace(condition, said=said, **changed)  # type: ignore[arg-type]  # fields of the kind

    return change


def same(condition: ConditionType) -> ConditionType:
    """No change."""
    return condition


def combinations(base: ConditionType, *axes: Iterable[Change[ConditionType]]) -> tuple[ConditionType, ...]:
    """All combinations of one change from each axis, without the unchanged one; energy constants are fixed."""
    found = []
    for changes in product(*axes):
        condition = replace(base, spans_ranges=False)
        for change in changes:
            condition = change(condition)
        if condition.said:
            found.append(condition)
    return tuple(found)


def at_acceptance(condition: ConditionType, level: float, auc: float = 0.5) -> ConditionType:
    """The condition on a made-up trace of this acceptance."""
    assert isinstance(condition, RunCondition), "only runs replay a trace"
    said = ", ".join(filter(None, (condition.said, f"acceptance {level:g}")))
    return replace(condition, said=said, trace=f"synthetic:acceptance={level:g},auc={auc:g}")
