"""The list of mutants that no test can or should notice, each with its reason."""

from pathlib import Path

LIST = Path(__file__).parents[1] / "mutants_equivalent.txt"


def read_equivalent(path: Path = LIST) -> dict[tuple[str, str, str], str]:
    """Reasons by file, line before and line after.

    An entry is the file, ``- `` and the line, ``+ `` and the changed line, and the reason in as many lines as it
    takes; an empty line ends it. Lines that start with ``#`` say something about the list.

    Raises
    ------
    ValueError
        An entry lacks one of its parts.
    """
    reasons = {}
    text = "\n".join(
        line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    )
    for entry in text.split("\n\n"):
        lines = entry.strip().splitlines()
        if not lines:
            continue
        if len(lines) < 4 or not lines[1].startswith("- ") or not lines[2].startswith("+ "):
            raise ValueError(
                f"{path.name}: an entry is a file, '- ' line, '+ ' line, reason; not {entry.strip()!r}"
            )
        reasons[lines[0], lines[1][2:].strip(), lines[2][2:].strip()] = " ".join(
            line.strip() for line in lines[3:]
        )
    return reasons
