"""The ratio of two sums over prompts, and how far other prompts might move it."""

from collections.abc import Sequence
from math import sqrt

from ahasd.intervals import Interval, student_quantile


def ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Interval:
    """Give sum / sum with the 95 % interval of the jackknife.

    The usual one of a ratio estimator (Quenouille 1956, Tukey 1958): the ratio is computed without each of the n
    pairs in turn, and (n − 1)/n times the sum of squared deviations estimates its variance. Pairs without which
    nothing is left to divide by are kept in.

    Parameters
    ----------
    numerators, denominators
        One of each per prompt; the denominators are not negative, and not all zero.

    Returns
    -------
    Interval
        Without half width for a single pair.
    """
    above, below = sum(numerators), sum(denominators)
    without = [
        (above - numerator) / (below - denominator) if below > denominator else above / below
        for numerator, denominator in zip(numerators, denominators, strict=True)
    ]
    count = len(without)
    if count < 2:
        return Interval(above / below, None)
    mean = sum(without) / count
    variance = (count - 1) / count * sum((each - mean) ** 2 for each in without)
    return Interval(above / below, student_quantile(count - 1) * sqrt(variance))
