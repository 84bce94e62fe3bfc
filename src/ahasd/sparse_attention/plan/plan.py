"""A plan: every system under every mapping, and the asked-for one taken apart."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.errors import AhasdError
from ahasd.hardware.bonded.bonded_device import BondedDevice
from ahasd.sparse_attention.balance.mappings import MAPPINGS
from ahasd.sparse_attention.configuration import SparseAttentionConfiguration
from ahasd.sparse_attention.place import PlacedAttention, place
from ahasd.sparse_attention.plan.decomposition import Decomposition, decompose
from ahasd.sparse_attention.step.capacity import bank_bytes, check_fits
from ahasd.sparse_attention.step.decode_step import DecodeStep, decode_step
from ahasd.sparse_attention.system import SYSTEMS

#: Systems that a plan compares under every mapping.
COMPARED = ("dense-bonded", "quest-bonded", "duo-bonded", "h2eal")

#: What all factors are over: nothing left out, and a group of banks for each head.
PLAIN_SYSTEM, PLAIN_MAPPING = "dense-bonded", "head-groups"


@dataclass(frozen=True, eq=False, slots=True)
class PlannedWay:
    """A system under a mapping, and a decode step of it; None, with the reason, where it does not go."""

    system: str
    mapping: str
    step: DecodeStep | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What all steps of an answer take together."""

    seconds: float
    joules: float

    @classmethod
    def between(cls, first: DecodeStep, last: DecodeStep, steps: int) -> "Answer":
        """Add steps up that change evenly from the first to the last."""
        joules = sum(first.joules.values()) + sum(last.joules.values())
        return cls(steps * (first.seconds + last.seconds) / 2, steps * joules / 2)


@dataclass(frozen=True, eq=False, slots=True)
class AttentionPlan:
    """What a plan says.

    Attributes
    ----------
    placed
        The asked-for way.
    step, parts
        A step of it, and where its factor comes from.
    plain
        A step of the asked-for system under the plain mapping.
    dense
        A step with nothing left out, under the plain mapping.
    answer, dense_answer
        `answer_tokens` tokens for each text, the last of them at the context asked for.
    fullest_bank
        Bytes that the fullest bank holds.
    ways
        All systems under all mappings, Helios' among them; the asked-for one with its options, others as they come.
    dense_fits
        Whether the device holds the whole context of all heads; if not, times of the dense step are as if it did.
    """

    placed: PlacedAttention
    requests: int
    context: int
    step: DecodeStep
    plain: DecodeStep
    dense: DecodeStep
    parts: Decomposition
    answer_tokens: int
    answer: Answer
    dense_answer: Answer
    fullest_bank: float
    ways: Sequence[PlannedWay]
    dense_fits: bool

    @property
    def device(self) -> BondedDevice:
        """On which."""
        return self.placed.device


def plan_attention(asked: SparseAttentionConfiguration) -> AttentionPlan:
    """Make a plan.

    The last step of the configuration is planned; an answer of all its tokens is added up from first and last step,
    between which a step's time is next to linear in the context.

    Raises
    ------
    AhasdError
        Something is not known, or does not fit the device.
    """
    placed = place(asked)
    number, context = len(placed.contexts) - 1, placed.contexts[-1]

    def step_of(one: PlacedAttention, which: int = number) -> DecodeStep:
        return decode_step(
            one.attention, one.device, asked.batch, one.contexts[which], asked.weights_at, which
        )

    def under(system: object, mapping: str) -> PlacedAttention:
        hardware = placed.device.model_dump(mode="json")
        named = system if isinstance(system, dict) else SYSTEMS.load(str(system)).model_dump()
        update = {"system": {**named, "mapping": mapping}, "hardware": hardware, "set": ()}
        return place(asked.model_copy(update=update), must_fit=False)

    own = placed.system.model_dump()
    dense, step = under(PLAIN_SYSTEM, PLAIN_MAPPING), step_of(placed)
    dense_step, plain_step = step_of(dense), step_of(under(own, PLAIN_MAPPING))
    tokens = len(placed.contexts)

    def way(name: str, mapping: str) -> PlannedWay:
        try:
            found = under(own if name == placed.system.name else name, mapping)
            its_step = step_of(found)
            check_fits(found.attention, found.device, its_step.attention, found.contexts[-1], asked.batch)
        except AhasdError as error:  # said in the table
            return PlannedWay(name, mapping, None, str(error))
        return PlannedWay(name, mapping, its_step)

    return AttentionPlan(
        placed,
        asked.batch,
        context,
        step,
        plain_step,
        dense_step,
        decompose(dense_step, plain_step, step),
        tokens,
        Answer.between(step_of(placed, 0), step, tokens),
        Answer.between(step_of(dense, 0), dense_step, tokens),
        float(bank_bytes(placed.attention, placed.device, step.attention).max()),
        [*(way(name, mapping) for name in COMPARED for mapping in MAPPINGS), way("helios-like", "tiles")],
        bool(
            bank_bytes(dense.attention, dense.device, dense_step.attention).max() <= dense.device.bank_bytes
        ),
    )
