"""Systems: which heads read what, and how it is spread over banks."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError

from ahasd.errors import AhasdError
from ahasd.family.system import System, SystemFiles
from ahasd.invalid_values import explain
from ahasd.sparse_attention.balance.mappings import MappingName
from ahasd.sparse_attention.balance.tiles import TILE
from ahasd.sparse_attention.heads.head_class import HeadClass
from ahasd.sparse_attention.pages.selector import Sharing


class SparseAttentionSystem(System):
    """Sparsity and mapping.

    Parameters
    ----------
    streaming
        Whether a share of the heads reads the first and last tokens alone.
    paged
        Whether the other heads choose pages; else they read everything.
    dense_layers
        First layers of which all heads read everything.
    sharing
        Whether queries that share keys and values share pages.
    mapping, tile
        How work is spread over banks, and the tokens of a tile where it is cut into tiles.
    """

    family: Literal["sparse_attention"] = "sparse_attention"
    default_hardware: str = "hb-h2llm"
    streaming: bool = False
    paged: bool = False
    dense_layers: int = Field(default=0, ge=0)
    sharing: Sharing = "shared"
    mapping: MappingName = "head-groups"
    tile: int = Field(default=TILE, ge=1)

    @property
    def others(self) -> HeadClass:
        """Class of the heads that do not stream."""
        return HeadClass.PAGED if self.paged else HeadClass.DENSE

    @property
    def sparse(self) -> bool:
        """Whether anything is left out."""
        return self.streaming or self.paged


def parse_system(document: Mapping[str, Any]) -> SparseAttentionSystem:
    """Check a document.

    Raises
    ------
    AhasdError
        A value is out of range or a key is unknown; the message names it.
    """
    named = {"name": "custom", "description": "given by its options", **document}
    try:
        return SparseAttentionSystem.model_validate(named)
    except ValidationError as error:
        raise AhasdError(
            f"system: {explain(error, valid=list(SparseAttentionSystem.model_fields))}"
        ) from error


SYSTEMS = SystemFiles("ahasd.sparse_attention", parse_system)
