"""The trees that were verified: their nodes with what became of them, and their sizes."""

from collections.abc import Iterable, Mapping
from typing import Any

from ahasd.report.pictures.columns import Columns
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.style import BLUE, QUIET

#: Nodes that are drawn: those of Medusa's tree (arXiv 2401.10774).
DRAWN = 63

#: A node that is never right, which has a dark rim; and what joins nodes.
LIGHT, EDGE = "#eef4f9", "#bdbdbd"

#: Ranks from behind the text to a node.
Path = tuple[int, ...]


def tree(nodes: Columns, sizes: Columns) -> Figure | None:
    """The nodes of most trees, each behind the one before it; None where no tree had any."""
    trees = sum(sizes.column("trees"))
    mean = sum(row["nodes"] * row["trees"] for row in sizes.records()) / trees if trees else 0.0
    counts = {_path(row["path"]): row for row in nodes.records()[:DRAWN]}
    if not counts:
        return None
    places = _places(counts)
    rows: list[tuple[Any, ...]] = [("", 0, places[()], 0, places[()], 1.0, None)]
    for path, row in counts.items():
        before = path[:-1]
        shares = row["trees"] / trees, row["accepted"] / row["trees"]
        rows.append((row["path"], len(path), places[path], len(before), places[before], *shares))
    first = counts[min(counts, key=lambda path: (len(path), path))]
    left_out = len(nodes.rows) - len(counts)
    return Figure(
        "tree",
        "The tree of guesses, and where the text went",
        f"{mean:.3g} nodes in the mean of {trees} trees; the first guess was right in "
        f"{first['accepted'] / first['trees']:.0%}. A node is as dark as it was often right, and as large as it "
        f"was often in the tree{f'; {left_out} rarer ones are not drawn' if left_out else ''}.",
        Columns.of(("path", "depth", "place", "from_depth", "from_place", "in_trees", "accepted"), rows),
        _drawing(len(set(places.values()))),
        wide=True,
    )


def tree_sizes(sizes: Columns) -> Figure | None:
    """How many trees had how many nodes; None where all had as many."""
    if len(sizes.rows) < 2:
        return None
    least, most = min(sizes.column("nodes")), max(sizes.column("nodes"))
    return Figure(
        "tree-sizes",
        "Sizes of trees",
        f"From {least} to {most} nodes.",
        sizes,
        {
            "height": 170,
            "mark": {"type": "bar", "width": 4},
            "encoding": {
                "x": {
                    "field": "nodes",
                    "type": "quantitative",
                    "title": "nodes of a tree",
                    "axis": {"tickMinStep": 1},
                },
                "y": {"field": "trees", "type": "quantitative", "title": "trees"},
            },
        },
    )


def _path(text: str) -> Path:
    return tuple(map(int, text.split(".")))


def _places(paths: Iterable[Path]) -> Mapping[Path, int]:
    """A line for every leaf, in the order of ranks; other nodes stand in the line of their first child."""
    ordered, places, line = sorted(paths), {}, -1
    before: Path = ()
    for path in ordered:
        # A first child goes on in its parent's line; any other begins a new one.
        line += not (path[:-1] == before and before in places) if before else 1
        places[path] = line
        before = path
    places[()] = 0
    return places


def _drawing(lines: int) -> dict[str, Any]:
    x = {
        "field": "depth",
        "type": "quantitative",
        "title": "tokens behind the text",
        "axis": {"tickMinStep": 1, "grid": False},
        "scale": {"nice": False, "padding": 16},
    }
    y = {
        "field": "place",
        "type": "quantitative",
        "axis": None,
        "scale": {"reverse": True, "zero": False, "nice": False, "padding": 10},
    }
    accepted = {
        "field": "accepted",
        "type": "quantitative",
        "title": "right, of the trees that had it",
        "scale": {"type": "sqrt", "domain": [0, 1], "range": [LIGHT, BLUE]},
        "legend": None,
    }
    return {
        "height": max(60, 15 * lines),
        "encoding": {"x": x, "y": y},
        "layer": [
            {
                "mark": {"type": "rule", "color": EDGE, "strokeWidth": 1},
                "encoding": {"x2": {"field": "from_depth"}, "y2": {"field": "from_place"}},
            },
            {
                "mark": {"type": "circle", "opacity": 1, "stroke": QUIET, "strokeWidth": 0.7},
                "encoding": {
                    "size": {
                        "field": "in_trees",
                        "type": "quantitative",
                        "scale": {"domain": [0, 1], "range": [16, 130]},
                        "legend": None,
                    },
                    "color": accepted,
                },
            },
            # White behind the figures, which stand on lines.
            *(_figures({"stroke": "#ffffff", "strokeWidth": 4}), _figures({})),
        ],
    }


def _figures(mark: Mapping[str, Any]) -> dict[str, Any]:
    """How often a node was right, beside it; nothing where that is hardly ever."""
    return {
        "transform": [{"filter": "datum.accepted >= 0.005"}],
        "mark": {"type": "text", "align": "left", "dx": 10, "fontSize": 11, **mark},
        "encoding": {
            "text": {"field": "accepted", "type": "quantitative", "format": ".0%"},
            "color": {"value": "#1a1a1a"},
        },
    }
