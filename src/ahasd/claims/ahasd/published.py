"""What AHASD publishes of its results (arXiv 2604.25326, DAC 2026), each figure once and with its place.

Areas are in :mod:`ahasd.rtl.synthesis.published`, since they are also held against the hardware without the ledger.
"""

from typing import Final

from ahasd.claims.published import PublishedChange, PublishedRatio
from ahasd.systems.suites import PAIRS

PAPER = "AHASD (arXiv 2604.25326)"
RESULTS = f"{PAPER}, results"
MOTIVATION = f"{PAPER}, motivation"
SCHEDULING = f"{PAPER}, gated task scheduling"
AGAINST_NPU = f"{PAPER}, table of ratios to NPU + LPDDR5"
AGAINST_GPU = f"{PAPER}, results against GPU-only"
AGAINST_SPECPIM = f"{PAPER}, results against SpecPIM (up to)"
REPOSITORY = "AHASD, public repository, example output for LLaMA2-7B -> 13B"

#: The pairs over which its means are, under four algorithms each.
MEAN_OVER = frozenset(PAIRS)

#: Means over NPU + LPDDR5. "NPU + LPDDR5-PIM" is read as plain asynchrony.
OVER_NPU = (
    PublishedRatio("npu-pim-async", "npu", 2.20, AGAINST_NPU, energy_per_token=0.64),
    PublishedRatio("ahasd", "npu", 3.10, AGAINST_NPU, energy_per_token=0.48),
)
#: Of the same table: power of the LPDDR5 and of the NPU, by system.
POWER_OVER_NPU: Final = {"npu-pim-async": (1.90, 1.10), "ahasd": (2.00, 1.15)}

#: Means of the ablation over GPU-only speculative decoding, a part of AHASD added with each line.
OVER_GPU = (
    PublishedRatio("npu-pim-async", "gpu", 2.2, AGAINST_GPU, energy_efficiency=1.9),
    PublishedRatio("npu-pim-async+aau", "gpu", 2.7, AGAINST_GPU, energy_efficiency=2.6),
    PublishedRatio("npu-pim-async+aau+edc", "gpu", 3.4, AGAINST_GPU, energy_efficiency=4.5),
    PublishedRatio("ahasd", "gpu", 3.8, AGAINST_GPU, energy_efficiency=5.2),
)
#: The largest over any pair and algorithm.
MOST_OVER_GPU = PublishedRatio("ahasd", "gpu", 4.2, AGAINST_GPU, energy_efficiency=5.6)
MOST_OVER_SPECPIM = PublishedRatio("ahasd", "specpim", 1.5, AGAINST_SPECPIM, energy_efficiency=1.24)


#: Changes of the acceptance rate in the mean: by asynchrony against draft and target in turn, by EDC with AAU.
ACCEPTANCE_BY_ASYNCHRONY = PublishedChange(-25.1, RESULTS)
ACCEPTANCE_BY_EDC = PublishedChange(24.6, RESULTS)
#: Gains of EDC in throughput over +AAU: for LLaMA2-7B -> 13B with AdaEDL, and the limit for OPT-1.3B -> 6.7B.
SPEED_BY_EDC_LLAMA2 = PublishedChange(33, RESULTS)
SPEED_BY_EDC_OPT_BELOW = PublishedChange(10, RESULTS)

#: The PIM's share of the latency with draft and target in turn, by draft.
PIM_SHARES: Final = {"opt-1.3b": 0.123, "llama2-7b": 0.842}

#: A rank set starts or stops computing in less, seconds.
SWITCHING_BELOW_S = 1e-6

#: What the example of the repository prints for LLaMA2-7B -> 13B: tokens per second, and per millijoule.
REPOSITORY_TOKENS_PER_SECOND = 45.2
REPOSITORY_TOKENS_PER_MJ = 0.193
