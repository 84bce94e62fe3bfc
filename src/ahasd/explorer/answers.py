"""From a design to what the page shows of it; knows no page."""

import base64
import shlex
from dataclasses import dataclass
from functools import cache
from threading import Lock

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.explorer.state import Design, State
from ahasd.plain_text import one_line
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.form import Form
from ahasd.report.pictures.render import WIDE, svg
from ahasd.report.pictures.view import Shown
from ahasd.report.pictures.views import views

#: Figures that the page draws, the first that there is; the others are in `ahasd report`.
DRAWN = ("timeline", "live-bytes", "bytes-per-layer")

#: Pixels of a figure beside another design.
HALF = 560

#: Answers are worked out one after another: caches and the renderer are shared.
_TURN = Lock()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page says of a design.

    Attributes
    ----------
    error
        What is wrong, in the place of all else; empty if nothing is.
    """

    shown: Shown | None
    command: str
    figure: Figure | None = None
    image: str = ""
    error: str = ""


@cache
def form_names() -> tuple[str, ...]:
    """Families, and other kinds of results, that have a form."""
    return tuple(view.name for view in views() if view.form() is not None)


@cache
def form_of(name: str) -> Form:
    """The form of that name.

    Raises
    ------
    UnknownNameError
        There is none.
    """
    for view in views():
        form = view.form() if view.name == name else None
        if form is not None:
            return form
    raise UnknownNameError("family", name, form_names())


def first_design(family: str) -> Design:
    """What the page begins with: defaults, but a short run."""
    return Design(family, {name: str(value) for name, value in form_of(family).first().items()})


def check(state: State) -> None:
    """See that forms have what a link speaks of; whether numbers and texts are good ones the answer says.

    Raises
    ------
    AhasdError
        A family, an option, or one of its choices is unknown.
    """
    for design in state.designs:
        form = form_of(design.family)
        fields = {field.name: field for field in form.fields()}
        constants = bool(form.constants({}))
        for name, value in design.values.items():
            if name not in fields:
                if not (constants and "." in name):
                    raise UnknownNameError("option", name, fields)
            elif fields[name].kind == "choice" and value is not None and value not in fields[name].choices:
                raise UnknownNameError(name.replace("_", " "), value, fields[name].choices)


def answer(design: Design, width: int = WIDE) -> Answer:
    """Work a design out; what is wrong with it is said in the answer."""
    with _TURN:
        try:
            check(State((design,)))
            form = form_of(design.family)
            command = shlex.join(form.command(design.values))
            shown = form.answer(design.values)
            figure = next((one for name in DRAWN for one in shown.figures if one.name == name), None)
            return Answer(shown, command, figure, _data_address(svg(figure, width)) if figure else "")
        except AhasdError as error:
            return Answer(None, "", error=one_line(str(error)))


def _data_address(drawing: str) -> str:
    """The drawing as an address of its own, from which nothing can be run."""
    return "data:image/svg+xml;base64," + base64.b64encode(drawing.encode()).decode("ascii")
