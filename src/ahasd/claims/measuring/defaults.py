"""How much is run for a claim unless someone asks for more or less."""

#: Tokens of every run, as in the paper (AHASD, arXiv 2604.25326).
DEFAULT_TOKENS = 1024

#: Runs of each configuration, which differ by their seed (ours).
DEFAULT_SEEDS = 5
