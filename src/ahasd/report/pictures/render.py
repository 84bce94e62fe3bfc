"""Drawing figures: from Vega-Lite to SVG and PNG, here and without a network."""

from typing import TYPE_CHECKING, Any

from ahasd.errors import AhasdError
from ahasd.report.pictures.figure import Figure

if TYPE_CHECKING:
    import altair

#: Pixels of a figure in a column of a page, and of one that takes the whole width.
NARROW, WIDE = 360, 920

#: Pixels of a PNG for each of the figure's, so that print is sharp (ours).
SCALE = 3

#: The version of the grammar that figures are written in.
GRAMMAR = "6.1"


def svg(figure: Figure, width: int) -> str:
    """The figure as SVG, so many pixels wide.

    Raises
    ------
    AhasdError
        What draws is not installed.
    """
    text: str = _renderer().vegalite_to_svg(figure.document(width), vl_version=GRAMMAR)
    return text


def png(figure: Figure, width: int) -> bytes:
    """The figure as PNG, `SCALE` times as many pixels wide.

    Raises
    ------
    AhasdError
        What draws is not installed.
    """
    content: bytes = _renderer().vegalite_to_png(figure.document(width), vl_version=GRAMMAR, scale=SCALE)
    return content


def chart(figure: Figure) -> "altair.TopLevelMixin":
    """The figure for altair, to be changed in a notebook.

    Raises
    ------
    AhasdError
        altair is not installed.
    """
    try:
        import altair
    except ImportError as error:
        raise AhasdError("altair is not installed: pip install 'ahasd[report]'") from error
    found: altair.TopLevelMixin = altair.Chart.from_dict(figure.document(WIDE if figure.wide else NARROW))
    return found


def check_renderer() -> None:
    """See that figures can be drawn, before any work is done.

    Raises
    ------
    AhasdError
        What draws is not installed.
    """
    _renderer()


def _renderer() -> Any:
    try:
        import vl_convert
    except ImportError as error:
        raise AhasdError(
            "figures are drawn by vl-convert, which is not installed: pip install 'ahasd[report]'"
        ) from error
    return vl_convert
