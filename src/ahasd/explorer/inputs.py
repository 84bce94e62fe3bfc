"""What a field is chosen with on the page."""

from collections.abc import Callable

from nicegui import events, ui

from ahasd.report.pictures.form import Field

#: Told what has been chosen of a field, as text; None for nothing.
Chosen = Callable[[str, str | None], None]

#: Seconds between what a slider says while it moves (ours).
THROTTLE_S = 0.05


def show_field(field: Field, value: str | None, chosen: Chosen) -> None:
    """Show what a field is, what has been chosen of it, and how to choose something else."""
    if field.kind == "choice":
        _choice(field, value, chosen)
    elif field.kind == "number" and field.low is not None and field.high is not None:
        _slider(field, field.low, field.high, value, chosen)
    else:
        _text(field, value, chosen)


def as_text(field: Field, number: float) -> str:
    """A slider's number in four digits, as the command line takes it."""
    return str(round(number)) if field.whole else f"{number:.4g}"


def _label(field: Field) -> str:
    return field.name.replace("_", " ")


def _choice(field: Field, value: str | None, chosen: Chosen) -> None:
    default = "" if field.default is None else str(field.default)
    options = {"": "not chosen"} if not default else {}
    options |= {one: one for one in field.choices}
    now = value or default
    options.setdefault(now, now)  # a link may say what there is not; the answer says so
    shown = ui.select(
        options,
        label=_label(field),
        value=now,
        on_change=lambda event: chosen(field.name, None if event.value == default else str(event.value)),
    )
    shown.props("dense outlined options-dense").classes("w-full").tooltip(field.text)


def _text(field: Field, value: str | None, chosen: Chosen) -> None:
    default = "" if field.default is None else str(field.default)

    def changed(text: str | None) -> None:
        given = (text or "").strip()
        chosen(field.name, None if given == default else given)

    shown = ui.input(
        _label(field),
        value=value or default,
        autocomplete=list(field.choices),
        on_change=lambda event: changed(event.value),
    )
    shown.props("dense outlined").classes("w-full").tooltip(field.text)
    if not default:
        shown.props("stack-label").props["placeholder"] = field.text


def _slider(field: Field, low: float, high: float, value: str | None, chosen: Chosen) -> None:
    start = field.default if isinstance(field.default, int | float) else (low + high) / 2
    nothing = f"{start:.4g}" if field.default is not None else "not chosen"
    try:
        now = start if value is None else float(value)
    except ValueError:  # the answer says so
        now = start
    with ui.element("div").classes("slid w-full"):
        ui.label(_label(field)).classes("text-sm").tooltip(field.text)
        # The browser's own: its focus and its label are on one element, which Quasar's are not.
        slider = ui.element("input").classes("range")
        slider.props.update(
            {"type": "range", "min": low, "max": high, "step": 1 if field.whole else "any", "^value": now}
        )
        slider.props["aria-label"] = _label(field)
        figure = ui.label(value or nothing).classes("text-sm text-right tabular-nums")
        back = ui.button("reset").props(f'flat dense no-caps size=sm aria-label="Reset {_label(field)}"')

    def moved(event: events.GenericEventArguments) -> None:
        text = as_text(field, float(event.args))
        figure.text = text
        chosen(field.name, text)

    def reset() -> None:
        ui.run_javascript(f"getHtmlElement({slider.id}).value = {float(start)}")
        figure.text = nothing
        chosen(field.name, None)

    slider.on("input", moved, throttle=THROTTLE_S, js_handler="(event) => emit(event.target.value)")
    back.on_click(reset)
