"""The register map of the control block, from which the hardware and its documentation are built."""

from dataclasses import dataclass
from enum import IntFlag, StrEnum


class Access(StrEnum):
    """What a core may do with a register."""

    READ = "read"
    READ_WRITE = "read, write"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Register:
    """A word of the map.

    Attributes
    ----------
    offset
        Bytes from the base address.
    name
        As in the hardware.
    access
        What a core may do.
    bits
        Bits that exist; the others read 0.
    meaning
        For the documentation.
    """

    offset: int
    name: str
    access: Access
    bits: int
    meaning: str


class Interrupt(IntFlag):
    """Bits of the interrupt flags, of their enables and of the word that clears them."""

    DRAFT_POLL = 1
    VERIFY_POLL = 2
    DECISION = 4
    PREVERIFICATION = 8
    VERDICT = 16
    QUEUE_REFUSED = 32
    FAULT = 64


#: Ours: tells a driver that this block, version 1, is there.
IDENTITY = 0xA4A5_0001

_R, _RW, _W = Access.READ, Access.READ_WRITE, Access.WRITE

REGISTERS: tuple[Register, ...] = tuple(
    Register(4 * place, *rest)
    for place, rest in enumerate(
        (
            ("identity", _R, 32, f"0x{IDENTITY:08X}"),
            (
                "enable",
                _RW,
                3,
                "bit 0 EDC, bit 1 TVC, bit 2 rank gating; without EDC every decision is to keep drafting",
            ),
            ("draft_poll", _RW, 32, "interval of the draft side's poll interrupt, PIM cycles; 0 for none"),
            (
                "verify_poll",
                _RW,
                32,
                "interval of the verifying side's poll interrupt, PIM cycles; 0 for none",
            ),
            ("target_ranks", _RW, 32, "mask of the ranks that hold the target's weights"),
            ("clock_ratio", _RW, 20, "PIM cycles in an NPU cycle, fraction of 15 bits"),
            (
                "decision",
                _R,
                32,
                "last decision: bit 0 keep drafting, 1 ranks on target, 8–15 n, 16–27 index, 28–31 LLR",
            ),
            ("interrupt_flags", _R, 7, "see the list of interrupts"),
            ("interrupt_clear", _W, 7, "a 1 clears the flag"),
            ("interrupt_enable", _RW, 7, "a 1 lets the flag raise the interrupt line"),
            (
                "queue_levels",
                _R,
                24,
                "entries: bits 0–7 unverified drafts, 8–15 feedback, 16–23 pre-verification",
            ),
            ("queue_peaks", _R, 24, "most entries so far, in the same bits"),
            ("decisions", _R, 32, "counter: EDC's decisions"),
            ("kept_drafting", _R, 32, "counter: decisions to keep drafting"),
            ("consulted", _R, 32, "counter: questions to TVC"),
            ("preverifications", _R, 32, "counter: answers of at least one token"),
            ("preverified_tokens", _R, 32, "counter: tokens of those"),
            ("accepted_batches", _R, 32, "counter: verdicts of full acceptance"),
            ("rejected_batches", _R, 32, "counter: verdicts with a rejection"),
            ("rank_switches", _R, 32, "counter: switches of the rank sets"),
            ("npu_elapsed", _RW, 32, "NCR: NPU cycles that the running verification has used"),
            ("npu_kv_length", _RW, 16, "context length of the running verification, tokens; 0 if none runs"),
            ("sample_cycles", _RW, 32, "cycles of a finished task, for the next write to sample"),
            (
                "sample",
                _W,
                18,
                "bits 0–15 length (at least 1), 16–17 kind: 0 NPU verification, 1 draft, 2 pre-verification",
            ),
            (
                "status",
                _R,
                4,
                "bit 0 a sample waits (another is refused), 1 EDC is ready, 2 TVC is ready, 3 the ranks can be used",
            ),
        )
    )
)


def offset_of(name: str) -> int:
    """Byte offset of a register."""
    return next(register.offset for register in REGISTERS if register.name == name)
