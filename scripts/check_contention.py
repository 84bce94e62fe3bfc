"""Hold the slowdown model against the co-simulation of a shared channel.

Usage: ``python scripts/check_contention.py [--mixes 200] [--seed 0] [--processes 2]``. Prints the errors of both
sides' slowdowns by kind of mix and the worst mixes; exits with 1 if they are beyond 3 % on average or 10 % at worst.
"""

import argparse
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from statistics import mean

from ahasd.hardware.channel.co_simulation import Driving, Mix, SlowdownRow, compare, random_mix

MEAN_ERROR, WORST_ERROR = 0.03, 0.10

Row = tuple[Mix, SlowdownRow]


def play(seed: int) -> Row:
    """Draw and compare one mix."""
    mix = random_mix(seed)
    return mix, compare(mix)


def groups() -> dict[str, Callable[[Mix], bool]]:
    """Kinds of mixes to tell apart."""
    return {
        "all": lambda mix: True,
        **{
            f"{driving.value}, {ranks} rank(s)": lambda mix, d=driving, r=ranks: (  # type: ignore[misc]
                mix.work.driving is d and mix.work.ranks == r
            )
            for driving in Driving
            for ranks in (1, 2, 3)
        },
        "stream of reads": lambda mix: mix.stream.read_share == 1,
        "stream with writes": lambda mix: mix.stream.read_share < 1,
        "with refresh": lambda mix: bool(mix.first_refreshes),
        "without refresh": lambda mix: not mix.first_refreshes,
        "at tCCD": lambda mix: mix.work.options.mac_cycles <= 4,
        "at 33 cycles and more": lambda mix: mix.work.options.mac_cycles >= 33,
    }


def main() -> int:
    """Run the comparison; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mixes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    begin = time.perf_counter()
    with ProcessPoolExecutor(arguments.processes) as pool:
        rows = list(pool.map(play, range(arguments.seed, arguments.seed + arguments.mixes), chunksize=4))
    print(
        f"{'mixes':26}{'':>5}{'slowdown of the stream':>34}{'of PIM':>20}{'PIM alone':>20}\n"
        f"{'':26}{'':>5}{'largest':>9}{'bias':>9}{'mean':>8}{'worst':>8}"
        f"{'mean':>12}{'worst':>8}{'mean':>12}{'worst':>8}"
    )
    for name, belongs in groups().items():
        found = [comparison for mix, comparison in rows if belongs(mix)]
        if found:
            print(line(name, found))
    print("\nworst mixes:")
    for mix, comparison in sorted(rows, key=lambda row: -max(map(abs, row[1].errors[:2])))[:8]:
        print(f"  {comparison.errors[0]:+7.1%} {comparison.errors[1]:+7.1%}  {mix.summary()}")
    print(f"\n{len(rows)} mixes in {time.perf_counter() - begin:.0f} s")
    missed = [
        f"{side}: {mean(errors):.1%} on average, {max(errors):.1%} at worst"
        for index, side in enumerate(("stream", "PIM"))
        if mean(errors := [abs(comparison.errors[index]) for _, comparison in rows]) > MEAN_ERROR
        or max(errors) > WORST_ERROR
    ]
    print(
        "\n".join(f"missed: {text}" for text in missed)
        or "both sides within 3 % on average and 10 % at worst"
    )
    return 1 if missed else 0


def line(name: str, found: list[SlowdownRow]) -> str:
    """One line of the table."""
    text = f"{name:26}{len(found):5}{max(c.stream for c in found):9.2f}"
    text += f"{mean(c.errors[0] for c in found):+9.2%}"
    for side in range(3):
        errors = [abs(comparison.errors[side]) for comparison in found]
        text += f"{mean(errors):{8 if side == 0 else 12}.2%}{max(errors):8.2%}"
    return text


if __name__ == "__main__":
    sys.exit(main())
