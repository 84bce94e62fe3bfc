"""GTSU as hardware: enables of the ranks' compute units; one set runs, the other is gated."""

from amaranth import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ahasd.rtl.parameters import HardwareParameters


class RankGate(wiring.Component):
    """Switches break before make: the running set drains and is gated, then the other is enabled and settles.

    Ports
    -----
    target_ranks
        Mask of the ranks that hold the target's weights; the others hold the draft's.
    want_target
        Which set is to run.
    idle
        No enabled unit has an operation under way.
    enable
        Clock enables of the ranks' units.
    on_target, steady
        The set that runs, and whether it can be used.
    switched
        Set for one cycle at the end of each switch.
    """

    def __init__(self, parameters: HardwareParameters) -> None:
        self.parameters = parameters
        super().__init__(
            {
                "target_ranks": In(parameters.ranks),
                "want_target": In(1),
                "idle": In(1),
                "enable": Out(parameters.ranks),
                "on_target": Out(1),
                "steady": Out(1),
                "switched": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build it."""
        m, settle = Module(), self.parameters.settle_cycles
        settled = Signal(range(settle))
        chosen = Mux(self.on_target, self.target_ranks, ~self.target_ranks)
        with m.FSM():
            with m.State("STEADY"):
                m.d.comb += [self.enable.eq(chosen), self.steady.eq(self.want_target == self.on_target)]
                with m.If(~self.steady & self.idle):
                    m.d.sync += [self.on_target.eq(self.want_target), settled.eq(0)]
                    m.next = "GATED"
            with m.State("GATED"):
                m.next = "SETTLE"
            with m.State("SETTLE"):
                m.d.comb += self.enable.eq(chosen)
                m.d.sync += settled.eq(settled + 1)
                with m.If(settled == settle - 1):
                    m.d.comb += self.switched.eq(1)
                    m.next = "STEADY"
        return m
