"""The options of systems that verify token trees: who chooses the tree, when nodes leave a pass, what heads are."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ahasd.speculation.options.schedules import ScheduleOptions
from ahasd.speculation.trees.pass_time.aged_regression import DECAY, SHARE
from ahasd.speculation.trees.policies.best_first import REFRESH
from ahasd.speculation.trees.pruning import REQUIRED_RECALL

#: Nodes of the largest tree that is thought about; Medusa's has 63.
MOST_NODES = 255

Nodes = Annotated[int, Field(ge=0, le=MOST_NODES)]
Share = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]


class _Policy(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StaticTreeOptions(_Policy):
    """One published tree for the whole run."""

    policy: Literal["static"] = "static"
    tree: Literal["medusa-63"] = Field(default="medusa-63", description="Medusa's 63 nodes, four deep")


class ChainOptions(_Policy):
    """A tree of width one, whose length the drafting algorithm (``--algorithm``) chooses."""

    policy: Literal["chain"] = "chain"


class BestFirstOptions(_Policy):
    """The likeliest paths, always as many."""

    policy: Literal["best-first"] = "best-first"
    nodes: Nodes = Field(default=63, description="nodes of a tree")
    refresh: int = Field(default=REFRESH, ge=1, description="passes after which the tree is grown anew")


class DraftProbabilityOptions(_Policy):
    """The likeliest paths by what the heads say at each place (DySpec)."""

    policy: Literal["draft-probability"] = "draft-probability"
    nodes: Nodes = Field(default=63, description="nodes of a tree at most")
    least: float = Field(
        default=0.0, ge=0, le=1, description="path probability below which a path is not taken"
    )


class PropdOptions(_Policy):
    """ProPD's size by a line through the times of passes."""

    policy: Literal["propd"] = "propd"
    nodes: Annotated[int, Field(ge=1, le=MOST_NODES)] = Field(
        default=63, description="nodes of the largest tree"
    )
    share: Share = Field(default=SHARE, description="of a new time in a size's average (a)")
    decay: float = Field(
        default=DECAY,
        ge=0,
        allow_inf_nan=False,
        description="how fast a size's average loses weight (lambda)",
    )
    refresh: int = Field(default=REFRESH, ge=1, description="passes after which the size is chosen anew")


class SizeTableOptions(_Policy):
    """Size by a time of its own for each of a few sizes, none among them."""

    policy: Literal["size-table"] = "size-table"
    nodes: Annotated[int, Field(ge=1, le=MOST_NODES)] = Field(
        default=63, description="nodes of the largest tree"
    )
    share: Share = Field(default=SHARE, description="of a new time in a size's average")
    refresh: int = Field(default=REFRESH, ge=1, description="passes after which the size is chosen anew")


class OptimalOptions(_Policy):
    """The best tree by the machine's own costs (Sequoia)."""

    policy: Literal["optimal"] = "optimal"
    nodes: Nodes = Field(default=63, description="nodes of the largest tree")
    refresh: int = Field(default=REFRESH, ge=1, description="passes after which the tree is chosen anew")


class ClairvoyantOptions(_Policy):
    """Right guesses alone, as many as make the text fastest."""

    policy: Literal["clairvoyant"] = "clairvoyant"


AnyTreePolicy = Annotated[
    StaticTreeOptions
    | ChainOptions
    | BestFirstOptions
    | DraftProbabilityOptions
    | PropdOptions
    | SizeTableOptions
    | OptimalOptions
    | ClairvoyantOptions,
    Field(discriminator="policy"),
]


class TreeOptions(ScheduleOptions):
    """Heads on the target guess; a tree of guesses is verified in one pass."""

    schedule: Literal["tree"] = "tree"
    tree: AnyTreePolicy = Field(
        default=StaticTreeOptions(), description="who chooses the tree, and how large"
    )
    output_matrices: Literal["own", "shared"] = Field(
        default="own",
        description="each head has a matrix to the vocabulary of its own (Medusa), or all use the model's",
    )
    head_blocks: int = Field(default=1, ge=0, le=8, description="square matrices of each head")
    pruning: Literal["off", "calibrated", "forced"] = Field(
        default="off",
        description="whether nodes that an early layer thinks unlikely leave the pass: never, if its recall on "
        "held-out prompts is enough, or whatever its recall",
    )
    early_recall: float = Field(
        default=REQUIRED_RECALL,
        gt=0,
        le=1,
        description="recall of an early layer that pruning asks for where it is calibrated",
    )

    @property
    def asks_policy(self) -> bool:
        """Whether the drafting algorithm ends a chain."""
        return isinstance(self.tree, ChainOptions)
