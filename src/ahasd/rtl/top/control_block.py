"""The memory-mapped control block: settings, decisions, counters, queue depths, interrupts."""

from typing import Any

from amaranth import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ahasd.rtl.top.registers import IDENTITY, REGISTERS, Access, Interrupt

#: Counters, which count a cycle in which their event is set by its amount.
COUNTERS = tuple(
    register.name
    for register in REGISTERS
    if register.meaning.startswith("counter") and register.access is Access.READ
)
_SETTINGS = tuple(register for register in REGISTERS if register.access is Access.READ_WRITE)
_FLAGS = len(Interrupt)
#: Registers that show what the rest of the controller says.
_WORDS = ("decision", "queue_levels", "queue_peaks", "status")


class ControlBlock(wiring.Component):
    """Registers of ``REGISTERS`` on a bus of 32-bit words: a write takes a cycle, a read answers in the next one.

    Ports
    -----
    address, write, write_data, read_data
        The bus; byte addresses.
    set_flags
        Interrupts that happen in this cycle, apart from the two polls, which the block times itself.
    interrupt
        The line to the core.
    count_*
        Amounts by which counters grow in this cycle.
    sampled, sample_kind, sample_length
        ``sample`` was written.
    Settings are outputs; ``decision``, ``queue_levels``, ``queue_peaks`` and ``status`` are inputs.
    """

    def __init__(self) -> None:
        members: dict[str, Any] = {
            "address": In(8),
            "write": In(1),
            "write_data": In(32),
            "read_data": Out(32),
            "set_flags": In(_FLAGS),
            "interrupt": Out(1),
            "sampled": Out(1),
            "sample_kind": Out(2),
            "sample_length": Out(16),
        }
        members |= {register.name: In(register.bits) for register in REGISTERS if register.name in _WORDS}
        members |= {f"count_{name}": In(8) for name in COUNTERS}
        members |= {register.name: Out(register.bits) for register in _SETTINGS}
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Build it."""
        m = Module()
        flags, polls = Signal(_FLAGS), Signal(2)
        words: dict[str, Any] = {"identity": IDENTITY, "interrupt_flags": flags}
        words |= {register.name: getattr(self, register.name) for register in _SETTINGS}
        words |= {name: getattr(self, name) for name in _WORDS}
        for name in COUNTERS:
            words[name] = Signal(32, name=name)
            m.d.sync += words[name].eq(words[name] + getattr(self, f"count_{name}"))

        for setting, flag in (("draft_poll", Interrupt.DRAFT_POLL), ("verify_poll", Interrupt.VERIFY_POLL)):
            interval, timer = getattr(self, setting), Signal(32, name=f"{setting}_timer")
            m.d.sync += timer.eq(timer + 1)
            with m.If((interval == 0) | (timer >= interval - 1)):
                m.d.sync += timer.eq(0)
                m.d.comb += polls[flag.bit_length() - 1].eq(interval != 0)

        cleared = Signal(_FLAGS)
        m.d.sync += flags.eq((flags & ~cleared) | self.set_flags | polls)
        m.d.comb += self.interrupt.eq((flags & self.interrupt_enable).any())

        with m.Switch(self.address[2:]):
            for register in REGISTERS:
                with m.Case(register.offset >> 2):
                    if register.name in words:
                        m.d.sync += self.read_data.eq(words[register.name])
                    else:
                        m.d.sync += self.read_data.eq(0)
                    if register.access is Access.READ_WRITE:
                        with m.If(self.write):
                            m.d.sync += words[register.name].eq(self.write_data)
                    elif register.name == "interrupt_clear":
                        with m.If(self.write):
                            m.d.comb += cleared.eq(self.write_data)
                    elif register.name == "sample":
                        m.d.comb += [
                            self.sampled.eq(self.write),
                            self.sample_length.eq(self.write_data),
                            self.sample_kind.eq(self.write_data[16:]),
                        ]
            with m.Default():
                m.d.sync += self.read_data.eq(0)
        return m
