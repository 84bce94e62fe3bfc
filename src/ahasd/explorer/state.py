"""What has been chosen on the page: as a link, and back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qsl, urlencode

from ahasd.errors import AhasdError

#: Designs side by side, by what stands before their names in a link.
SIDES = ("a", "b")

#: Characters of a link, names in it, and the names themselves (ours): what a page has to offer is far below.
LONGEST, MOST_NAMES, NAME = 16_000, 400, re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")


@dataclass(frozen=True, slots=True)
class Design:
    """A family, and what has been chosen of it.

    Attributes
    ----------
    values
        Text by name, as the command line takes it; what is left out has its default.
    """

    family: str
    values: Mapping[str, str] = field(default_factory=dict)

    def changed(self, name: str, value: str | None) -> Self:
        """The design with one thing chosen, or with nothing chosen of it if None or empty."""
        values = {key: text for key, text in self.values.items() if key != name}
        return type(self)(self.family, values | ({name: value} if value else {}))


@dataclass(frozen=True, slots=True)
class State:
    """One design, or two to compare.

    Raises
    ------
    AhasdError
        There are none, or more than two.
    """

    designs: tuple[Design, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.designs) <= len(SIDES):
            raise AhasdError(f"{len(self.designs)} designs; the page shows one or two")

    def query(self) -> str:
        """The state as the query of a link: ``a.family=speculation&a.tokens=128``."""
        pairs = []
        for side, design in zip(SIDES, self.designs, strict=False):
            pairs.append((f"{side}.family", design.family))
            pairs += [(f"{side}.{name}", value) for name, value in design.values.items()]
        return urlencode(pairs)


def read_query(text: str) -> State | None:
    """The state that a query, or a whole link, stands for; None where it speaks of no design.

    Names of a link that are of no side, such as the token, are passed over.

    Raises
    ------
    AhasdError
        It is too long, or says something twice, or of a design without a family.
    """
    if len(text) > LONGEST:
        raise AhasdError(f"a link of {len(text)} characters; at most {LONGEST} are read")
    query = text.rpartition("?")[2] if "?" in text else text
    try:
        pairs = parse_qsl(query, max_num_fields=MOST_NAMES)
    except ValueError as error:
        raise AhasdError(f"the link holds more than {MOST_NAMES} values") from error
    found: dict[str, dict[str, str]] = {side: {} for side in SIDES}
    for key, value in pairs:
        side, dot, name = key.partition(".")
        if side not in found or not dot:
            continue
        if not NAME.fullmatch(name):
            raise AhasdError(f"the link names '{key}', which is no option")
        if name in found[side]:
            raise AhasdError(f"the link says '{key}' twice")
        found[side][name] = value
    designs = []
    for side in SIDES:
        if found[side]:
            family = found[side].pop("family", None)
            if family is None:
                raise AhasdError(f"the link says nothing of {side}.family")
            designs.append(Design(family, found[side]))
    return State(tuple(designs)) if designs else None
