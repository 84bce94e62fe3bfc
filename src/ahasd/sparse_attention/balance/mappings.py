"""The mappings by name."""

from typing import Literal, get_args

from ahasd.errors import UnknownNameError
from ahasd.sparse_attention.balance.co_placed import CoPlaced
from ahasd.sparse_attention.balance.head_groups import HeadGroups
from ahasd.sparse_attention.balance.interleaved_pages import InterleavedPages
from ahasd.sparse_attention.balance.mapping import Mapping
from ahasd.sparse_attention.balance.tiles import Tiles

MappingName = Literal["head-groups", "tiles", "interleaved", "co-placed"]
MAPPINGS: tuple[MappingName, ...] = get_args(MappingName)


def build_mapping(name: str, tile: int) -> Mapping:
    """Make a mapping; ``tile`` is of ``tiles`` alone.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    AhasdError
        The tile has no token.
    """
    plain: dict[str, type[Mapping]] = {
        "head-groups": HeadGroups,
        "interleaved": InterleavedPages,
        "co-placed": CoPlaced,
    }
    if name == "tiles":
        return Tiles(tile)
    if name not in plain:
        raise UnknownNameError("mapping", name, MAPPINGS)
    return plain[name]()
