"""What is best here: a way to use the hardware held against the plain ways."""

from collections.abc import Sequence

from ahasd.family.result import Verdict, Way

#: Speeds within this share of each other count as equal (contract).
EQUAL = 0.01


def verdict(asked: Way, plain: Sequence[Way], asked_is_plain: bool, about: str = "") -> Verdict:
    """Compare the way asked for with the plain ways.

    Parameters
    ----------
    asked
        This run.
    plain
        The plain ways on the same hardware; without this run, if it is one of them.
    asked_is_plain
        Whether this run is a plain way itself.
    about
        Sentences on the way asked for, behind the one that says what is best.
    """
    ways = [asked, *plain]
    best = max(ways, key=lambda way: way.tokens_per_second)
    frugal = most_frugal(ways) or best
    speedup = joules = None
    if plain and not asked_is_plain:
        fastest = max(plain, key=lambda way: way.tokens_per_second)
        speedup = asked.tokens_per_second / fastest.tokens_per_second
        joules = _ratio(asked.joules_per_token, fastest.joules_per_token)
    return Verdict(
        best=best.name,
        best_by_energy=frugal.name if frugal is not best else None,
        pays=pays(asked, ways),
        speedup_over_best_alone=speedup,
        joules_ratio=joules,
        alternatives=[
            Way(
                name=way.name,
                tokens_per_second=way.tokens_per_second,
                joules_per_token=way.joules_per_token,
            )
            for way in plain
        ],
        sentence=" ".join(filter(None, (best_sentence(asked, plain), about))),
    )


def pays(asked: Way, ways: Sequence[Way]) -> bool:
    """Whether none of the ways is more than a hundredth faster."""
    best = max(way.tokens_per_second for way in ways)
    return asked.tokens_per_second >= (1.0 - EQUAL) * best


def best_sentence(asked: Way, plain: Sequence[Way]) -> str:
    """Say what is best of all that was compared, by how much, in time and energy."""
    if not plain:
        title = asked.title[0].upper() + asked.title[1:]
        return f"{title}: {asked.rate}. Nothing else was compared: this hardware has no other device that holds it."
    best = max([asked, *plain], key=lambda way: way.tokens_per_second)
    other = max(plain, key=lambda way: way.tokens_per_second) if best is asked else asked
    name = f"{best.title} (asked for)" if best is asked else best.title
    text = f"Best here: {name}: {best.rate}, {_times(best, other)} {other.title} ({other.rate})."
    frugal = most_frugal([asked, *plain])
    if frugal is not None and frugal is not best and frugal is not other:
        share = best.tokens_per_second / frugal.tokens_per_second
        slower = "as fast" if share < 1.0 / (1.0 - EQUAL) else f"{share:.2f}x slower"
        text += f" Least energy: {frugal.title}: {frugal.rate}, {slower}."
    return text


def most_frugal(ways: Sequence[Way]) -> Way | None:
    """The way that takes least energy; None where it is not known of all."""
    known = [(way.joules_per_token, way) for way in ways if way.joules_per_token is not None]
    return min(known, key=lambda one: one[0])[1] if known and len(known) == len(ways) else None


def _times(best: Way, other: Way) -> str:
    """How much faster, and for how much energy."""
    speed = best.tokens_per_second / other.tokens_per_second
    faster = "as fast as" if speed < 1.0 / (1.0 - EQUAL) else f"{speed:.2f}x as fast as"
    energy = _ratio(best.joules_per_token, other.joules_per_token)
    return faster if energy is None else f"{faster} and {energy:.2f}x the energy of"


def _ratio(of: float | None, to: float | None) -> float | None:
    """A quotient; None where the divisor is nothing, or either is not known."""
    return of / to if to and of is not None else None
