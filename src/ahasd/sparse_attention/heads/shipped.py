"""Head patterns that come with the package: DuoAttention's."""

from functools import cache
from importlib import resources
from importlib.resources import as_file
from importlib.resources.abc import Traversable

from ahasd.errors import UnknownNameError
from ahasd.sparse_attention.heads.pattern import HeadPattern, read_pattern
from ahasd.yaml_text import read_yaml


def pattern_names() -> list[str]:
    """Names of the patterns, sorted; each is called like its model."""
    return sorted(
        entry.name.removesuffix(".tsv") for entry in _folder().iterdir() if entry.name.endswith(".tsv")
    )


@cache
def shipped_pattern(name: str) -> HeadPattern:
    """Load a pattern of the package.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    """
    plain = name.lower()
    if plain not in pattern_names():
        raise UnknownNameError("head pattern", name, pattern_names())
    with as_file(_folder() / f"{plain}.tsv") as path:
        table = read_pattern(path)
    sources = read_yaml((_folder() / "sources.yaml").read_text(encoding="utf-8"))
    source = f"{sources['repository']} at {sources['commit'][:9]} ({sources['licence']}), {sources['folders'][plain]}"
    return HeadPattern(plain, table.need, source)


def _folder() -> Traversable:
    return resources.files(__package__) / "patterns"
