"""One design on the page: its form, and its answer, which follows what is chosen."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import groupby

from nicegui import background_tasks, events, ui

from ahasd.errors import AhasdError
from ahasd.explorer.answers import HALF, Answer, answer, first_design, form_names, form_of
from ahasd.explorer.inputs import show_field
from ahasd.explorer.state import Design
from ahasd.explorer.uploads import FILE_BYTES, Uploads
from ahasd.plain_text import one_line
from ahasd.report.pictures.form import Field
from ahasd.report.pictures.render import NARROW, WIDE

#: Seconds without a change after which an answer is worked out (ours): a slider that moves is not answered at every
#: step.
PAUSE_S = 0.06

#: Fields that are seen at once, in this order; a form's others are folded away, unless it has but a few.
FOREMOST = ("hardware", "pair", "model", "algorithm", "system", "trace", "acceptance", "tokens")
FEW = 7

#: Pixels that are left beside a drawing, and seconds until a browser has said how wide it is (ours).
BESIDE, PATIENCE_S = 110, 5.0


#: Stands in the place of the first answer.
WORKING = "Working it out …"


def _parted(fields: Sequence[Field]) -> tuple[list[Field], list[Field]]:
    """Those that are seen at once, and the others."""
    if len(fields) <= FEW:
        return list(fields), []
    first = sorted((one for one in fields if one.name in FOREMOST), key=lambda one: FOREMOST.index(one.name))
    return first, [one for one in fields if one.name not in FOREMOST]


class Panel:
    """Shows one design.

    Parameters
    ----------
    title
        Of the design; empty where there is but one.
    changed
        Told whenever something else is chosen.
    """

    def __init__(self, title: str, design: Design, uploads: Uploads, changed: Callable[[], None]) -> None:
        self.design = design
        self._title, self._uploads, self._changed = title, uploads, changed
        self._running = self._stale = False
        self._width, self._client = 0, ui.context.client
        with (
            ui.card().classes("panel grow min-w-0").props("flat bordered"),
            ui.element("div").classes("parts w-full"),
        ):
            with ui.column().classes("answers w-full gap-2"):
                if title:
                    ui.label(title).classes("text-base font-medium")
                self._sentence = ui.label(WORKING).classes("answer").props('aria-live="polite"')
                self._main = ui.row().classes("gap-6")
                self._drawing = ui.element("div").classes("w-full")
                ui.label("The same on the command line").classes("text-sm quiet")
                self._command = ui.label().classes("command")
            self._form = ui.column().classes("w-full gap-2")
        self._show_form()
        self.follow()

    def follow(self) -> None:
        """Have the answer follow the design."""
        if self._running:
            self._stale = True
        else:
            self._running = True
            background_tasks.create(self._answers())

    async def _answers(self) -> None:
        """Answer until nothing has changed meanwhile; off the event loop."""
        try:
            while True:
                self._stale = False
                await asyncio.sleep(PAUSE_S)
                if not self._width:
                    self._width = await self._drawing_width()
                found = await asyncio.to_thread(answer, self.design, self._width)
                if self._form.is_deleted:
                    return
                self._show(found)
                if not self._stale:
                    return
        finally:
            self._running = False

    async def _drawing_width(self) -> int:
        """Pixels for a drawing; without word from the browser, those of a wide screen."""
        most = HALF if self._title else WIDE
        try:
            await self._client.connected(PATIENCE_S)
            seen = await self._client.run_javascript("window.innerWidth", timeout=PATIENCE_S)
            return max(NARROW, min(most, int(seen) - BESIDE))
        except (TimeoutError, ValueError):
            return most

    def _show(self, found: Answer) -> None:
        shown = found.shown
        self._sentence.text = f"error: {found.error}" if shown is None else one_line(shown.sentence)
        self._sentence.classes(add="wrong" if found.error else "", remove="" if found.error else "wrong")
        self._command.text = found.command
        self._main.clear()
        self._drawing.clear()
        if shown is None:
            return
        with self._main:
            for name, text in shown.main.items():
                with ui.column().classes("gap-0"):
                    ui.label(one_line(text)).classes("figure")
                    ui.label(one_line(name)).classes("text-sm quiet")
        if found.figure is not None:
            with self._drawing:
                said = one_line(f"{found.figure.title}. {found.figure.says}")
                image = ui.element("img").classes("w-full")
                image.props["src"], image.props["alt"] = found.image, said
                ui.label(said).classes("text-sm quiet")

    def _choose(self, name: str, value: str | None) -> None:
        if self.design.values.get(name) != (value or None):
            self.design = self.design.changed(name, value)
            self._changed()
            self.follow()
            if name in ("system", "hardware"):  # whose constants these are
                self._show_constants()

    def _choose_family(self, family: str) -> None:
        self.design = first_design(family)
        self._changed()
        self._show_form()
        self.follow()

    def _show_form(self) -> None:
        self._form.clear()
        with self._form:
            names = list(form_names())
            now = self.design.family
            ui.select(
                {name: name.replace("_", " ") for name in names},
                label="family",
                value=now,
                on_change=lambda event: self._choose_family(event.value),
            ).props("dense outlined options-dense").classes("w-full")
            first, others = _parted(form_of(now).fields())
            for field in first:
                self._show_field(field)
            parts = form_of(now).models()
            if parts:
                with ui.expansion("A model of your own").classes("w-full").props("dense"):
                    limit = FILE_BYTES // 2**20
                    ui.label(
                        f"Its config.json, or a GGUF file up to {limit} MiB; of a larger one write the path into the "
                        "field above. It is read as data and kept until the page is closed down."
                    ).classes("text-sm quiet")
                    for part in parts:
                        self._show_upload(part)
            if others:
                with ui.expansion("More options").classes("w-full").props("dense"):
                    for field in others:
                        self._show_field(field)
            self._constants = ui.column().classes("w-full gap-0")
        self._show_constants()

    def _show_field(self, field: Field) -> None:
        show_field(field, self.design.values.get(field.name), self._choose)

    def _show_constants(self) -> None:
        self._constants.clear()
        try:
            found = form_of(self.design.family).constants(self.design.values)
        except AhasdError:  # the hardware is not there, which the answer says
            return
        with self._constants:
            for section, fields in groupby(found, lambda one: one.name.partition(".")[0]):
                title = f"Constants: {section}"
                with ui.expansion(title, value=section == "memory").classes("w-full").props("dense"):
                    for field in fields:
                        self._show_field(field)

    def _show_upload(self, part: str) -> None:
        async def take(event: events.UploadEventArguments) -> None:
            try:
                place = self._uploads.place(event.file.name, event.file.size())
            except AhasdError as error:
                ui.notify(one_line(str(error)), type="negative", multi_line=True)
                return
            await event.file.save(place)
            values = form_of(self.design.family).with_model(self.design.values, part, str(place))
            self.design = Design(self.design.family, {name: str(value) for name, value in values.items()})
            self._changed()
            self._show_form()
            self.follow()

        ui.upload(
            label=part,
            auto_upload=True,
            max_file_size=FILE_BYTES,
            on_upload=take,
            on_rejected=lambda: ui.notify(
                f"at most {FILE_BYTES} bytes are taken; write the path of the file into the field instead",
                type="negative",
                multi_line=True,
            ),
        ).props('flat bordered accept=".json,.gguf"').classes("w-full")
