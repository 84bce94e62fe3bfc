"""The form of a family with runs: the options of ``ahasd run``, as the family states them."""

from collections.abc import Mapping, Sequence
from enum import Enum
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt

from ahasd.family.run_options import Help, RunOptions
from ahasd.report.pictures.columns import Value
from ahasd.report.pictures.form import Field, Form
from ahasd.report.pictures.view import Shown
from ahasd.systems.families import load_family, options_of

if TYPE_CHECKING:
    from ahasd.report.pictures.runs.base import RunView


class RunForm(Form):
    """What can be chosen of a run, and its answer: figures and all.

    Parameters
    ----------
    view
        Of a family whose name it bears.
    suggestions
        Values that a text may have, by option; whatever else is typed is looked up, too.
    short
        Options of a run that takes a fifth of a second.
    """

    def __init__(
        self,
        view: "RunView[Any]",
        suggestions: Mapping[str, Sequence[str]] | None = None,
        short: Mapping[str, Value] | None = None,
    ) -> None:
        self._view, self._suggestions, self._short = view, suggestions or {}, short or {}
        self._options = options_of(view.name)

    def fields(self) -> Sequence[Field]:
        """All options but ``set``, for which values have names with a dot, and those that have one value."""
        names = [name for name in _stated(self._options) if name != "set"]
        return [field for name in names if (field := self._field(name)) is not None]

    def first(self) -> Mapping[str, Value]:
        """The short run."""
        return self._short

    def models(self) -> Sequence[str]:
        """The model, where a family has one of that name."""
        return ("model",) if "model" in _stated(self._options) else ()

    def with_model(self, values: Mapping[str, Value], part: str, path: str) -> Mapping[str, Value]:
        """The values with the model taken from a file."""
        return {**values, "model": path} if part in self.models() else super().with_model(values, part, path)

    def answer(self, values: Mapping[str, Value]) -> Shown:
        """Simulate it."""
        from ahasd.systems.simulate import configure, start

        _, configuration = configure(self._with_system(values))
        run = start(configuration)
        run.simulate()
        return self._view.show(run.result().model_dump(mode="json"), self._view.details(run))

    def command(self, values: Mapping[str, Value]) -> list[str]:
        """``ahasd run`` with what was chosen."""
        words = ["ahasd", "run"]
        for name, value in self._with_system(values).items():
            for one in value if isinstance(value, tuple) else (value,):
                words += ["--" + name.replace("_", "-"), str(one)]
        return words

    def _with_system(self, values: Mapping[str, Value]) -> dict[str, Any]:
        """What was chosen; the family's own system, as `ahasd run` without one is speculation's."""
        chosen = {name: value for name, value in values.items() if value is not None}
        given = {name: self._typed(name, value) for name, value in chosen.items() if "." not in name}
        changes = tuple(f"{name}={value}" for name, value in chosen.items() if "." in name)
        return {"system": self._options.system, **given} | ({"set": changes} if changes else {})

    def _typed(self, name: str, value: Value) -> Any:
        """A choice as the configuration has it, which may be of numbers."""
        kind = _kind(self._options, name) if name in _stated(self._options) else None
        typed = {str(one): one for one in get_args(kind)} if get_origin(kind) is Literal else {}
        return typed.get(str(value), value)

    def _field(self, name: str) -> Field | None:
        _, *metadata = get_args(get_type_hints(self._options, include_extras=True)[name])
        (stated,) = (item for item in metadata if isinstance(item, Help))
        default = getattr(self._options, name, None)
        kind = _kind(self._options, name)
        text = stated.text if stated.default is None else f"{stated.text} (otherwise {stated.default})"
        if name == "system":
            return Field(
                name, text, "choice", str(default), tuple(sorted(load_family(self._view.name).systems.names))
            )
        choices = _choices(kind)
        if choices:
            return (
                None
                if len(choices) == 1
                else Field(name, text, "choice", None if default is None else str(default), choices)
            )
        if kind in (int, float):
            low = next((item for item in metadata if isinstance(item, Ge | Gt)), None)
            high = next((item for item in metadata if isinstance(item, Le | Lt)), None)
            return Field(
                name, text, "number", _plain(default), (), _bound(low), _bound(high), whole=kind is int
            )
        return Field(name, text, "text", _plain(default), tuple(self._suggestions.get(name, ())))


def _stated(options: type[RunOptions]) -> list[str]:
    """Names of options, the family's own first."""
    return list(
        dict.fromkeys(name for stating in options.__mro__ for name in getattr(stating, "__annotations__", {}))
    )


def _kind(options: type[RunOptions], name: str) -> Any:
    """The type of an option, without the None of one that may be left out."""
    hint = get_args(get_type_hints(options, include_extras=True)[name])[0]
    if get_origin(hint) is Literal:
        return hint
    return next((kind for kind in get_args(hint) if kind is not NoneType), hint)


def _choices(kind: Any) -> tuple[str, ...]:
    if get_origin(kind) is Literal:
        return tuple(str(value) for value in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(str(value) for value in kind)
    return ()


def _bound(item: Any) -> float | None:
    found = [getattr(item, name) for name in ("ge", "gt", "le", "lt") if hasattr(item, name)]
    return float(found[0]) if found else None


def _plain(default: Any) -> Value:
    return (
        default
        if isinstance(default, str | int | float) and not isinstance(default, Enum)
        else (None if default is None else str(default))
    )
