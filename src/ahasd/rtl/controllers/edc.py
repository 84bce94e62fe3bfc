"""EDC as hardware; bit for bit ``ahasd.speculation.control.edc.edc.EntropyDraftControl`` in fixed point."""

from functools import reduce
from operator import add
from typing import Any

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ahasd.rtl.controllers.pattern_table import PatternTable
from ahasd.rtl.parameters import HardwareParameters
from ahasd.speculation.control.edc.edc import EntropyDraftControlOptions


def prediction_layout(parameters: HardwareParameters) -> data.StructLayout:
    """What travels with a batch through both queues, so that its verdict trains the counter that predicted."""
    edc = parameters.edc
    return data.StructLayout({"index": edc.index_bits, "bucket": edc.bucket_bits, "keep_drafting": 1})


class EntropyDraftController(wiring.Component):
    """Histories, LLR and pattern table behind one small sequencer.

    Each token adds its entropy to one sum and H_max to another, so the bucket of the mean, ⌊8 · sum / (n · H_max)⌋,
    takes no division by the length of the batch: as many steps of a restoring division as a bucket has bits.

    Ports
    -----
    token, entropy
        A drafted token and its entropy (needs ``ready``).
    batch
        The batch is complete (needs ``ready``); ``decided`` is set for one cycle when ``prediction`` is there.
    verdict, accepted, judged
        The verdict on the oldest unverified batch and the prediction that travelled with it (needs ``ready``; goes
        before ``batch``).
    flush
        Forget all unverified batches and the tokens since (needs ``ready``), as a rejection does.
    fault
        Set for one cycle: a verdict came though no batch is unverified.
    """

    def __init__(self, parameters: HardwareParameters) -> None:
        self.parameters = parameters
        carried = prediction_layout(parameters)
        super().__init__(
            {
                "ready": Out(1),
                "token": In(1),
                "entropy": In(parameters.edc.fixed_point.word_bits),
                "batch": In(1),
                "decided": Out(1),
                "prediction": Out(carried),
                "verdict": In(1),
                "accepted": In(1),
                "judged": In(carried),
                "flush": In(1),
                "llr": Out(parameters.edc.llr_bits),
                "fault": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build it."""
        m, parameters, options = Module(), self.parameters, self.parameters.edc
        table = m.submodules.pattern_table = PatternTable(options)
        histories = _Histories(options)
        unverified = Signal(parameters.unverified_bits)
        largest = (1 << options.llr_bits) - 1
        m.d.comb += self.llr.eq(Mux(unverified > largest, largest, unverified))

        bound = options.entropy_maximum_units
        total = Signal((parameters.batch_tokens * ((1 << options.fixed_point.word_bits) - 1)).bit_length())
        limit = Signal((parameters.batch_tokens * bound).bit_length())
        remainder = Signal(max(len(total), len(limit) + 1))
        step = Signal(range(options.bucket_bits))
        fits = remainder >= limit

        index = Signal(options.index_bits)
        bucket = Signal(options.bucket_bits)
        upwards = Signal()
        # A rejection or a flush also cuts off the batch that has only begun.
        cut_off = [histories.roll_back(), unverified.eq(0), total.eq(0), limit.eq(0)]
        m.d.comb += [
            table.index.eq(index),
            self.prediction.index.eq(index),
            self.prediction.bucket.eq(bucket),
            self.prediction.keep_drafting.eq(table.counter[-1]),
        ]
        with m.FSM():
            with m.State("IDLE"):
                m.d.comb += self.ready.eq(table.ready)
                with m.If(self.ready & self.token):
                    m.d.sync += [total.eq(total + self.entropy), limit.eq(limit + bound)]
                with m.If(self.ready & self.flush):
                    m.d.sync += cut_off
                with m.Elif(self.ready & self.verdict):
                    m.d.comb += [table.index.eq(self.judged.index), self.fault.eq(unverified == 0)]
                    m.d.sync += upwards.eq(self.accepted)
                    with m.If(~self.fault):
                        m.next = "TRAIN"
                        with m.If(self.accepted):
                            m.d.sync += [histories.commit(self.judged.bucket), unverified.eq(unverified - 1)]
                        with m.Else():
                            m.d.sync += cut_off
                with m.Elif(self.ready & self.batch):
                    m.d.sync += remainder.eq(total)
                    m.next = "RANGE"
            with m.State("TRAIN"):
                m.d.comb += [table.train.eq(1), table.upwards.eq(upwards)]
                m.next = "IDLE"
            with m.State("RANGE"):
                m.d.sync += [step.eq(0), remainder.eq(remainder << 1)]
                m.next = "DIVIDE"
                with m.If(fits):
                    m.d.sync += bucket.eq((1 << options.bucket_bits) - 1)
                    m.next = "PUSH"
            with m.State("DIVIDE"):
                m.d.sync += [
                    bucket.eq(Cat(fits, bucket)),
                    remainder.eq(Mux(fits, remainder - limit, remainder) << 1),
                    step.eq(step + 1),
                ]
                with m.If(step == options.bucket_bits - 1):
                    m.next = "PUSH"
            with m.State("PUSH"):
                m.d.sync += [histories.push(bucket), unverified.eq(unverified + 1), total.eq(0), limit.eq(0)]
                m.next = "INDEX"
            with m.State("INDEX"):
                m.d.sync += index.eq(Cat(self.llr, *histories.means()))
                m.next = "READ"
            with m.State("READ"):
                m.next = "DECIDE"
            with m.State("DECIDE"):
                m.d.comb += self.decided.eq(1)
                m.next = "IDLE"
        return m


class _Histories:
    """LEHT and LCEHT as shift registers, the newest entry in the low bits; the statements that change them."""

    def __init__(self, options: EntropyDraftControlOptions) -> None:
        self._options = options
        bits, entries = options.bucket_bits, options.history
        init = sum(options.initial_bucket << age * bits for age in range(entries))
        self._local = Signal(entries * bits, name="leht", init=init)
        self._committed = Signal(entries * bits, name="lceht", init=init)

    def push(self, bucket: Signal) -> Any:
        """A batch was drafted."""
        return self._local.eq(Cat(bucket, self._local))

    def commit(self, bucket: Signal) -> Any:
        """A batch was accepted in full."""
        return self._committed.eq(Cat(bucket, self._committed))

    def roll_back(self) -> Any:
        """Take the text back to what is accepted."""
        return self._local.eq(self._committed)

    def means(self) -> tuple[Any, Any]:
        """Mean of H0 … H3 and of H4 … H7, the low and the high part of the index."""
        bits, half = self._options.bucket_bits, self._options.history // 2
        entries = [self._local.word_select(age, bits) for age in range(2 * half)]
        newer, older = (
            (reduce(add, part) >> half.bit_length() - 1)[:bits] for part in (entries[:half], entries[half:])
        )
        return (newer, older) if self._options.newest == "H0" else (older, newer)
