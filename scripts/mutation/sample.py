"""Places drawn at random from rooms of the source."""

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mutation.change import Change
from mutation.find_changes import find_changes


@dataclass(frozen=True)
class Mutant:
    """A change of one file.

    Attributes
    ----------
    path
        The file, from the root of the repository.
    source
        Its text without the change.
    """

    path: str
    source: str
    change: Change

    @property
    def room(self) -> str:
        """The room of ``src/ahasd`` that the file belongs to."""
        return Path(self.path).parts[2]

    @property
    def key(self) -> tuple[str, str, str]:
        """File, lines before and lines after: the same wherever in the file the lines move."""
        return self.path, *self.change.before_and_after(self.source)


def mutants_of(root: Path, rooms: Iterable[str]) -> list[Mutant]:
    """All mutants of some rooms."""
    found = []
    for room in rooms:
        for path in sorted((root / "src" / "ahasd" / room).rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            name = str(path.relative_to(root))
            found += [Mutant(name, source, change) for change in find_changes(source)]
    return found


def draw(mutants: Iterable[Mutant], places: int, seed: int) -> list[Mutant]:
    """Draw lines of code without replacement, and one of the mutants that begin on each."""
    lines: dict[tuple[str, int], list[Mutant]] = defaultdict(list)
    for mutant in mutants:
        lines[mutant.path, mutant.change.line].append(mutant)
    chosen, drawn = random.Random(seed), list[Mutant]()
    for line in chosen.sample(sorted(lines), len(lines)):
        candidates = chosen.sample(lines[line], len(lines[line]))
        drawn += next(([mutant] for mutant in candidates if mutant.change.alters(mutant.source)), [])
        if len(drawn) == places:
            break
    return drawn
