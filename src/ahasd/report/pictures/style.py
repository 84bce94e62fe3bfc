"""Colours and type of figures: told apart by those who see few colours, in print and on a phone."""

from typing import Any

#: Okabe and Ito's colours, which people with any kind of colour blindness tell apart (jfly.uni-koeln.de/color).
BLUE, VERMILION, GREEN, ORANGE = "#0072b2", "#d55e00", "#009e73", "#e69f00"
SKY, PURPLE, GREY = "#56b4e9", "#cc79a7", "#8c8c8c"

#: For categories without a meaning of their own, the most distinct first.
CATEGORIES = (BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, GREY)

INK, QUIET, LINE = "#1a1a1a", "#4d4d4d", "#d9d9d9"

#: What all figures have in common, in Vega-Lite's words. Sizes are pixels at a figure's own width.
STYLE: dict[str, Any] = {
    "background": "#ffffff",
    "font": "Arial, Helvetica, sans-serif",
    "padding": {"left": 14, "top": 5, "right": 8, "bottom": 5},
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK,
        "titleColor": QUIET,
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "gridColor": LINE,
        "domainColor": QUIET,
        "tickColor": QUIET,
        "labelLimit": 190,
    },
    "legend": {
        "labelColor": INK,
        "titleColor": QUIET,
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "orient": "top",
        "columns": 3,
        "labelLimit": 190,
        "symbolLimit": 12,
    },
    "range": {"category": list(CATEGORIES)},
    "bar": {"color": BLUE},
    "line": {"color": BLUE, "strokeWidth": 2},
    "text": {"color": INK, "fontSize": 12},
    "rule": {"color": INK},
}
