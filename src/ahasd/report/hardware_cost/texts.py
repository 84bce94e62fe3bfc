"""What the page about the hardware says whatever the figures are."""

HEAD = """\
# The controllers as hardware

Written by `python scripts/update_hardware_doc.py`, which synthesises everything anew. The source is
`src/ahasd/rtl/` (Amaranth); `ahasd rtl emit --output DIR` writes it as Verilog, `ahasd rtl synth` and `ahasd cost`
compute the figures below. Sizes are the paper's (arXiv 2604.25326) or, where it gives none, those of the authors'
repository; `--set` changes them.

```text
   PIM, drafting                                                          NPU, verifying
   token entropies │ batch end                                   batches ▲      │ verdicts
                   ▼                                                     │      ▼
 ┌─ controller ──────────────────────────────────────────────────────────────────────────────┐
 │  EDC: bucket of the mean ─► LEHT / LCEHT, LLR ─► pattern table        unverified  feedback │
 │   │ index, bucket and decision travel with the batch ─────────────────► queue ──► queue ─┐ │
 │   │ stop                     ▲ train the carried index, commit or roll back ─────────────┘ │
 │   ▼                          │                                                             │
 │  task scheduler ─ ask ─► TVC: ratios of NVCT, PDCT, PVCT; one multiply-divide unit         │
 │   │ n ≥ 1                     ▲ durations of tasks, one held until TVC has time            │
 │   ├─► pre-verification queue ─► PIM                                                        │
 │   └─► rank gate ─► clock enables of the ranks (break before make)                          │
 │  control block: registers, counters, queue depths, poll timers, interrupts ◄──► core's bus │
 └────────────────────────────────────────────────────────────────────────────────────────────┘
 AAU, one in every rank: 16 lanes (scale ─► look up ─► multiply ─► gain and bias), sums and maximum over
 the lanes, a divider and a square root that work once per vector
```

Instances in the emitted Verilog, alike ones once:

```text
"""

EQUIVALENCE = """\
## Equivalence

`system.edc_options.arithmetic=fixed` and `system.tvc_options.arithmetic=fixed` make the simulator's own classes
compute in the integers of the hardware. The tests play random stimuli and what simulated runs did to both, in
Amaranth's simulator and, from the emitted Verilog, in Icarus: every index, decision and n must be the same, also
where a verdict cuts off a batch that has only begun. The joined controller (queues, task scheduler, rank gate and
control block among EDC and TVC) decides in a run by chance as the two classes do; what is at every port of it, of
a queue, of the rank gate and of the AAU in every cycle of such a run is written down and must be the same in
Icarus.

- EDC. A token adds its entropy to one sum and H_max to another; the bucket of the mean is three steps of a
  restoring division of the two, so no length of a batch is divided by. The counters are written once after a
  reset, one a cycle.
- TVC. One adder multiplies by shift and add and divides by restoring, a bit per cycle, exactly. A table of
  reciprocals would be approximate, so n could differ by one, and takes a multiplier of 40 x 16 bits. Powers of two
  do not fit the lengths. Only the few bits of n are computed.
- Rank switch. Clock gates: drain, one cycle with everything gated, enable, settle. Power gates would take longer.
- The queues hold descriptors (place, length, prediction), not token numbers, which lie in memory.
"""

WIDTHS = """\
## Widths

Entropies are words of 4 + 8 bits, cycles of 32, lengths of 16, ratios of cycles to length of 32 + 8. Below: the
share of four-token batches of the shipped trace whose bucket differs from that of floats, and of TVC's answers to
4000 drawn questions (contexts of 128 to 4096). Chosen are 8 bits of fraction. The whole part of an entropy holds ln
256000 = 12.5 nats, that of cycles 5.4 s; both saturate.
"""

AAU = """\
## AAU

8-bit numbers in and out, not bf16: the platform's table is INT8 throughout, a column of 32 bytes is two beats of
16 lanes (one in bf16), and a lane needs no alignment of exponents. A number is an integer times a scale that the
core sets for a pass:

| operation | in | out |
|---|---|---|
| softmax | a scale with log₂ e in it, 16 bits of fraction: scores up to ±88 nats | unsigned, in 2^-8 to 2^-23 |
| GELU, SiLU | a scale, 16 bits of fraction | factor of 8 + 8 bits; results of up to 16 |
| layer norm, RMS norm | any: the scale cancels | gain and bias of each element, 8 bits, and a shift |
| reductions | any | maximum, sum, sum of squares at full width |

The finer steps of a softmax are for flat ones over long contexts, of whose probabilities 2^-8 would leave
nothing. Softmax is three passes over the vector (maximum; exponents and their sum; product with the reciprocal),
a norm two, an activation one. The simulator charges more: 5, 3 to 5, and 4 to 8 element operations. It also
charges rotary embedding, residual additions, the gate's product and the adding of partial sums to the AAU at one
operation per lane and cycle; those are not built here.

2^-f, and what GELU and SiLU lie below max(x, 0), are 32 straight pieces with their errors balanced; the tests
hold the hardware against the same arithmetic in integers, bit for bit. Errors against the exact functions, where
the input is what its 8 bits say; a step is one of the 8-bit result, and rounding alone costs half of one:
"""
