"""In which order seeds begin with a trace's prompts."""

from math import gcd


def starting_prompt(seed: int, prompts: int) -> int:
    """Return the prompt that a seed starts at.

    Seeds 0, 1, … P−1 start at P different prompts, neighbours far apart: the step through the prompts is near 0.618
    of their number and meets each once (ours).
    """
    golden = prompts * 0.6180339887498949
    coprime = (n for n in range(1, prompts + 1) if gcd(n, prompts) == 1)
    return seed * min(coprime, key=lambda n: abs(n - golden)) % prompts
