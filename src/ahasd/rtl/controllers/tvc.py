"""TVC as hardware; bit for bit ``ahasd.speculation.control.tvc.tvc.TimeAwareVerificationControl`` in fixed point.

The division. Three quotients are needed: a sample's ratio, the mean of up to four ratios (three of them are no shift)
and n. Candidates: (a) a table of reciprocals and a multiplier of 40 x 16 bits: approximate, so n could be off by one
and differ from the simulator's, and hundreds of adders; (b) powers of two only: the lengths are no powers of two;
(c) a restoring division, a bit per cycle, on the one adder that also multiplies: exact, the smallest, and slow. Slow
is what TVC can afford: it decides about verifications of a quarter of a second, and of the quotient n only the few
bits of a token count are computed. So (c).
"""

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ahasd.rtl.controllers.latency_memory import Kind, LatencyMemory
from ahasd.rtl.controllers.multiply_divide import MultiplyDivide, MultiplyDivideSteps
from ahasd.rtl.parameters import HardwareParameters


class TimeAwareVerificationController(wiring.Component):
    """Tables of ratios and a sequencer over one :class:`MultiplyDivide`.

    Ports
    -----
    clock_ratio
        PIM cycles in an NPU cycle, as a fraction (``TimeAwareVerificationControl.clock_ratio_units``).
    sample, kind, cycles, length
        A task has ended (needs ``ready``); cycles of the NPU for a verification there. A length is at least 1.
    consult, kv_length, elapsed, unverified
        EDC says stop: context length and NPU cycles so far of the running verification, and how many tokens there are
        to pre-verify (needs ``ready``; ``sample`` goes first).
    done, tokens
        Set for one cycle when the answer is there; 0 means keep drafting, as does a table without a sample.
    """

    def __init__(self, parameters: HardwareParameters) -> None:
        self.options = parameters.tvc
        words = self.options.fixed_point
        super().__init__(
            {
                "clock_ratio": In(words.length_bits),
                "ready": Out(1),
                "sample": In(1),
                "kind": In(2),
                "cycles": In(words.cycle_bits),
                "length": In(words.length_bits),
                "consult": In(1),
                "kv_length": In(words.length_bits),
                "elapsed": In(words.cycle_bits),
                "unverified": In(words.token_bits),
                "done": Out(1),
                "tokens": Out(words.token_bits),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build it."""
        m, options, words = Module(), self.options, self.options.fixed_point
        word, sum_bits = words.ratio_bits, words.ratio_bits + options.samples.bit_length()
        memory = m.submodules.latency_memory = LatencyMemory(options)
        unit = MultiplyDivide(word + 1, sum_bits)
        steps = MultiplyDivideSteps(m, unit, most=sum_bits)
        chosen = Signal(2)
        task_length = Signal(words.length_bits)
        task_cycles = Signal(words.cycle_bits)
        context = Signal(words.length_bits)
        total = Signal(sum_bits)
        left = Signal(word + 3)
        entry = Signal(range(options.samples))
        m.d.comb += [memory.kind.eq(chosen), memory.entry.eq(entry)]

        # A product's low bits are at the top of `lower`; its high ones are in `upper`.
        product = Cat(unit.lower[-words.length_bits :], unit.upper)
        converted = Signal(words.cycle_bits + 1)
        m.d.comb += converted.eq(product[words.clock_ratio_bits :])
        expected = Mux(product[word:].any(), (1 << word) - 1, product[:word])

        with m.FSM():
            with m.State("IDLE"):
                m.d.comb += self.ready.eq(1)
                m.d.sync += entry.eq(0)
                with m.If(self.sample):
                    m.d.sync += [
                        chosen.eq(self.kind),
                        task_length.eq(self.length),
                        task_cycles.eq(self.cycles),
                        total.eq(0),
                    ]
                    steps.load(self.clock_ratio, self.cycles)
                    m.next = "RATIO"
                    with m.If(self.kind == Kind.NPU_VERIFICATION):
                        m.next = "CONVERT"
                with m.Elif(self.consult):
                    m.d.sync += [chosen.eq(Kind.NPU_VERIFICATION), context.eq(self.kv_length)]
                    steps.load(self.clock_ratio, self.elapsed)
                    m.next = "ELAPSED"
            with m.State("CONVERT"), m.If(steps.run(words.length_bits, divide=False)):
                m.d.sync += task_cycles.eq(Mux(converted[-1], words.cycles_maximum, converted))
                m.next = "RATIO"
            with m.State("RATIO"):
                # The dividend is left-aligned: what leaves `lower` upwards is its next bit.
                steps.load(task_cycles << (sum_bits - words.cycle_bits), task_length)
                m.next = "RATIO_STEPS"
            with m.State("RATIO_STEPS"), m.If(steps.run(word)):
                m.d.comb += [memory.store.eq(1), memory.ratio.eq(unit.lower[:word])]
                m.next = "SUM"
            with m.State("SUM"):
                m.d.sync += [total.eq(total + memory.read), entry.eq(entry + 1)]
                with m.If(entry == options.samples - 1):
                    m.next = "MEAN"
            with m.State("MEAN"):
                steps.load(total, memory.count)
                m.next = "MEAN_STEPS"
            with m.State("MEAN_STEPS"), m.If(steps.run(sum_bits)):
                m.d.comb += [memory.store_mean.eq(1), memory.mean_in.eq(unit.lower[:word])]
                m.next = "IDLE"
            with m.State("ELAPSED"), m.If(steps.run(words.length_bits, divide=False)):
                m.d.sync += left.eq(-(converted << words.fraction_bits))
                steps.load(context, memory.mean)
                m.next = "EXPECTED"
            with m.State("EXPECTED"), m.If(steps.run(words.length_bits, divide=False)):
                m.d.sync += [left.eq(left + expected), chosen.eq(Kind.PIM_DRAFT)]
                m.next = "DRAFT"
            with m.State("DRAFT"):
                m.d.sync += [left.eq(left - memory.mean), chosen.eq(Kind.PIM_PREVERIFICATION)]
                m.next = "LEFT"
            with m.State("LEFT"):
                low = left[: words.token_bits]
                steps.load(low << (sum_bits - words.token_bits), memory.mean, left[words.token_bits : word])
                m.next = "ANSWER_RANGE"
                with m.If(left[-1] | ~memory.primed):
                    m.d.sync += self.tokens.eq(0)
                    m.next = "DONE"
            with m.State("ANSWER_RANGE"):
                m.next = "ANSWER_STEPS"
                with m.If(unit.fits):
                    m.d.sync += self.tokens.eq(self.unverified)
                    m.next = "DONE"
            with m.State("ANSWER_STEPS"), m.If(steps.run(words.token_bits)):
                n = unit.lower[: words.token_bits]
                m.d.sync += self.tokens.eq(Mux(n < self.unverified, n, self.unverified))
                m.next = "DONE"
            with m.State("DONE"):
                m.d.comb += self.done.eq(1)
                m.next = "IDLE"
        return m
