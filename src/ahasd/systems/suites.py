"""Sets of pairs, machines and algorithms that comparisons, studies and claims run over."""

#: The pairs of AHASD's evaluation (arXiv 2604.25326); ``palm-like`` has PaLM's shape at sizes that are not published.
PAIRS = ("opt-1.3b:opt-6.7b", "llama2-7b:llama2-13b", "palm-like-8b:palm-like-30b")

#: The four readings of AHASD's platform table, the default first.
READINGS = ("module-mac", "module-op", "rank-compute", "rank-both")

#: AHASD's four drafting algorithms as published; of BanditSpec's two, UCB (ours, the paper does not say which).
PUBLISHED_ALGORITHMS = ("specdecpp", "svip", "adaedl", "banditspec-ucb")

#: The same with thresholds calibrated on held-out prompts to a mean length of 4 tokens (ours): the published ones
#: stop after one or two tokens on the shipped traces' entropies, and systems are to be compared on equal drafts.
#: BanditSpec has no threshold.
CALIBRATED_ALGORITHMS = ("specdecpp:calibrated", "svip:calibrated", "adaedl:calibrated", "banditspec-ucb")
