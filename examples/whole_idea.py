"""The whole idea of speculative decoding, and of this simulator, in sixty lines.

A small draft model proposes tokens; the large target verifies all of them in one pass, keeps those that it agrees
with up to the first that it does not, and adds one token of its own. A pass over several tokens costs little more
than one over a single token, so this pays if the draft is quick and often right. Two streams meet here:

- what steps *cost* comes from a model of the device (``StepTable``);
- what the models *decided* comes from a trace (``TraceWalk``).
"""

import ahasd
from ahasd.hardware.build_devices import build_npu
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.preset.preset import load_preset
from ahasd.hardware.step_table import StepTable
from ahasd.traces.rollout.walk import TraceWalk
from ahasd.traces.shipped import load_shipped
from ahasd.workload.pair import load_pair
from ahasd.workload.precision import Precision

PROMPT, TOKENS, DRAFTS = 128, 256, 4

#: Cost: how long the NPU takes for a pass of either model over so many tokens, with so many in its cache.
pair, precision = load_pair("llama2-7b:llama2-13b"), Precision(weight_bits=8, kv_bits=8)
npu = build_npu(load_preset("lpddr5").hardware, 4, precision, Fidelity.DETAILED)
draft, target = StepTable(npu, pair.draft, precision), StepTable(npu, pair.target, precision)

#: Decisions: what a real draft proposed and its target accepted, along a text.
walk = TraceWalk(load_shipped("tiny-distilled-sampled"), seed=0)
chain = walk.start()

seconds, written, unseen = 0.0, 0, 1
while written < TOKENS:
    text = PROMPT + written
    # Draft a few tokens. The first step also feeds what the draft has not seen of the text.
    for number in range(DRAFTS):
        width = 1 if number else unseen
        seconds += draft.cost(width, text + number - width).seconds
    # Verify them in one pass, which yields one token more than it is given.
    seconds += target.cost(DRAFTS + 1, text - 1).seconds
    accepted = 0
    while accepted < DRAFTS and chain.accepted(accepted):
        accepted += 1
    written += accepted + 1
    unseen = 2 if accepted == DRAFTS else 1
    chain = walk.after(chain, accepted)

alone = sum(target.cost(1, PROMPT + token - 1).seconds for token in range(TOKENS))
print(f"by hand:    {TOKENS / seconds:.4f} tokens/s, {alone / seconds:.4f}x the target alone")

#: The same as a configuration: this loop is the schedule ``serial``.
result = ahasd.simulate(system="npu", hardware="lpddr5", algorithm=f"fixed:{DRAFTS}", tokens=TOKENS)
print(f"simulated:  {result.tokens_per_second:.4f} tokens/s, {result.speedup:.4f}x the target alone")
