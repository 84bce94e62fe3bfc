"""Change the source at random, a token at a time, and see whether the tests of that room notice.

Usage: ``python scripts/mutate.py --seed 1 --places 80 [--rooms hardware,workload] [--jobs 1] [--results FILE]``;
needs ``pip install coverage``.

Lines of code of the rooms are drawn by the seed, and one change of each: an operator, a comparison, a number, an
argument left out, arms swapped, a statement deleted. The tests of the room run on each mutant in a copy of the tree
until one fails, those first that run the line (coverage.py tells once which do). Survivors are printed with the share
that they are. Mutants in ``scripts/mutants_equivalent.txt``, which no test can or should notice, count as places but
not as survivors.

What was tried stands in the file of results, and is not tried again: run the same command to go on, or with
``--retry`` to try the survivors once more. Which tests run which lines is kept beside it (``covering-*.json``):
delete that to measure anew, so that changed files meet the right tests first. Not part of CI: 80 places take about
20 minutes.
"""

import json
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from mutation.covering import Covering, load, save
from mutation.equivalent import LIST, read_equivalent
from mutation.sample import Mutant, draw, mutants_of
from mutation.trial import TESTS, Copy, folders_of

ROOT = Path(__file__).resolve().parent.parent

Key = tuple[str, str, str]


def tried(results: Path) -> dict[Key, dict[str, Any]]:
    """Records of the file of results, the last one of each mutant."""
    if not results.exists():
        return {}
    records = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    return {(record["path"], record["before"], record["after"]): record for record in records}


def noticed(record: dict[str, Any]) -> bool:
    """Whether a test failed."""
    return str(record["name"]).startswith("killed")


def trials(mutants: list[Mutant], jobs: int, results: Path) -> Iterator[dict[str, Any]]:
    """Try mutants in copies of the tree, and yield what became of each."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies: SimpleQueue[Copy] = SimpleQueue()
        first = Copy.of(ROOT, Path(folder) / "0")
        coverings = {
            room: covering_of(first, room, results) for room in sorted({mutant.room for mutant in mutants})
        }
        copies.put(first)
        for number in range(1, jobs):
            copies.put(first.again(Path(folder) / str(number)))

        def attempt(mutant: Mutant) -> dict[str, Any]:
            copy = copies.get()
            try:
                fate = copy.try_mutant(mutant, coverings[mutant.room])
            finally:
                copies.put(copy)
            where = dict(zip(("path", "before", "after"), mutant.key, strict=True))
            return {**where, "line": mutant.change.line, **asdict(fate)}

        with ThreadPoolExecutor(jobs) as pool:
            yield from pool.map(attempt, mutants)


def covering_of(copy: Copy, room: str, results: Path) -> Covering:
    """Which tests run which lines: measured now, or what still holds of what a run before kept beside the results."""
    kept = results.with_name(f"covering-{room}.json")
    if not kept.exists():
        covering = copy.cover(room)
        save(covering, kept)
        print(f"{room}: its tests take {covering.seconds:.0f} s, watched", file=sys.stderr)
    return load(kept).now(copy.folder, folders_of(room))


def run(options: Namespace) -> int:
    """Draw, try what has not been tried, and print the survivors; return how many there are."""
    reasons = read_equivalent()
    everything = mutants_of(ROOT, options.rooms)
    gone = {key for key in reasons if key[0].split("/")[2] in options.rooms} - {m.key for m in everything}
    for path, before, after in sorted(gone):
        print(f"{LIST.name}: no such mutant any more: {path}: {before} -> {after}", file=sys.stderr)
    drawn = draw(everything, options.places, options.seed)
    records = tried(options.results)
    wanted = [
        mutant
        for mutant in drawn
        if mutant.key not in reasons
        and (mutant.key not in records or (options.retry and not noticed(records[mutant.key])))
    ]
    with options.results.open("a", encoding="utf-8") as file:
        for number, record in enumerate(trials(wanted, options.jobs, options.results) if wanted else ()):
            print(json.dumps(record), file=file, flush=True)
            records[record["path"], record["before"], record["after"]] = record
            print(
                f"{number + 1}/{len(wanted)} {record['name']} in {record['seconds']:.0f} s: {record['path']}:"
                f"{record['line']}: {record['before']} -> {record['after']}   {record['by'][:100]}",
                file=sys.stderr,
            )
    stated = [mutant for mutant in drawn if mutant.key in reasons]
    survivors = [m for m in drawn if m.key not in reasons and not noticed(records[m.key])]
    for mutant in sorted(survivors, key=lambda m: (m.path, m.change.line)):
        path, before, after = mutant.key
        print(f"{path}:{mutant.change.line}\n    {before}\n -> {after}")
    print(
        f"{len(survivors)} of {len(drawn)} places survive ({100 * len(survivors) / len(drawn):.1f} %), "
        f"and {len(stated)} more with a stated reason"
    )
    return len(survivors)


def main() -> None:
    """Read the command line."""
    parser = ArgumentParser(description="Change the source at random and see whether the tests notice.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--places", type=int, default=80)
    parser.add_argument("--rooms", type=lambda text: text.split(","), default=list(TESTS))
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--results", type=Path, default=ROOT / "results" / "mutants.jsonl")
    parser.add_argument("--retry", action="store_true", help="try the survivors once more")
    options = parser.parse_args()
    unknown = set(options.rooms) - set(TESTS)
    if unknown:
        parser.error(f"no room {', '.join(sorted(unknown))}; there are {', '.join(TESTS)}")
    options.results.parent.mkdir(parents=True, exist_ok=True)
    run(options)


if __name__ == "__main__":
    main()
