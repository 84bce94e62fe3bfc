"""The page: one design, or two side by side, and the link that brings them back."""

from importlib.resources import files

from fastapi import Request
from nicegui import ui

from ahasd.errors import AhasdError
from ahasd.explorer.answers import check, first_design
from ahasd.explorer.panel import Panel
from ahasd.explorer.state import State, read_query
from ahasd.explorer.uploads import Uploads
from ahasd.plain_text import one_line

#: What is shown first.
FIRST_FAMILY = "speculation"


class Page:
    """What one visitor sees.

    Parameters
    ----------
    address
        Of the page with its token, to which a state is added as a link.
    """

    def __init__(self, state: State, wrong: str, uploads: Uploads, address: str) -> None:
        self._uploads, self._address = uploads, address
        ui.add_css(files("ahasd.explorer").joinpath("page.css").read_text(encoding="utf-8"))
        ui.colors(primary="#005a8c")
        with ui.column().classes("page w-full gap-3").props('role="main"'):
            with ui.row().classes("w-full items-center justify-between"):
                ui.label("ahasd explorer").classes("text-lg font-medium").props(
                    'role="heading" aria-level="1"'
                )
                self._second = ui.button("", on_click=self._toggle).props("outline no-caps")
            ui.label("Runs are short unless you choose more: figures still move with the seed.").classes(
                "text-sm quiet"
            )
            if wrong:
                ui.label(f"error: {wrong}").classes("answer wrong")
            self._row = ui.element("div").classes("designs w-full")
            with ui.expansion("This state as a link").classes("w-full").props("dense"):
                ui.label(
                    "It opens here for as long as the page is served; `ahasd explore LINK` opens it again."
                ).classes("text-sm quiet")
                self._link = ui.label().classes("command link")
        self._show(state)

    def _show(self, state: State) -> None:
        self._row.clear()
        several = len(state.designs) > 1
        titles = ("Design A", "Design B") if several else ("",)
        with self._row:
            self._panels = [
                Panel(title, design, self._uploads, self._follow)
                for title, design in zip(titles, state.designs, strict=True)
            ]
        self._second.text = "Only design A" if several else "Beside a second design"
        self._follow()

    def _toggle(self) -> None:
        designs = [panel.design for panel in self._panels]
        self._show(State((designs[0],) if len(designs) > 1 else (designs[0], designs[0])))

    def _follow(self) -> None:
        if len(self._panels) == len(list(self._row)):
            state = State(tuple(panel.design for panel in self._panels))
            self._link.text = f"{self._address}&{state.query()}"


def register(uploads: Uploads, address: str) -> None:
    """Have the framework answer ``/`` with the page."""

    @ui.page("/", title="ahasd explorer", response_timeout=60.0)
    def explorer(request: Request) -> None:
        wrong, state = "", None
        try:
            state = read_query(request.url.query)
            if state is not None:
                check(state)
        except AhasdError as error:
            wrong, state = one_line(str(error)), None
        Page(state or State((first_design(FIRST_FAMILY),)), wrong, uploads, address)
