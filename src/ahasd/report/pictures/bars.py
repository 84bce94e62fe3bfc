"""A bar for each name, with its figure written at its end."""

from typing import Any

#: Pixels around a figure whose bars have figures at their ends.
ROOM = {"left": 14, "top": 5, "right": 48, "bottom": 5}


def bars(name: str, value: str, title: str, form: str = ".4~g") -> dict[str, Any]:
    """Horizontal bars in the order of the rows.

    Parameters
    ----------
    name, value
        Columns of the names and of the lengths.
    title
        Of the axis.
    form
        How the figures are written, in d3's words.
    """
    across = {"field": value, "type": "quantitative", "title": title, "axis": {"tickCount": 4}}
    down = {"field": name, "type": "nominal", "title": None, "sort": None}
    return {
        "padding": ROOM,
        "height": {"step": 26},
        "encoding": {"x": across, "y": down},
        "layer": [
            {"mark": {"type": "bar", "height": 18}},
            {
                "mark": {"type": "text", "align": "left", "dx": 4},
                "encoding": {
                    "text": {"field": value, "type": "quantitative", "format": form},
                    "color": {"value": "#1a1a1a"},
                },
            },
        ],
    }
