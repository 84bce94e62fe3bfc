"""A finished run as the store keeps it."""

import hashlib
import json
from dataclasses import dataclass
from typing import Literal

#: ``done`` has a document; ``refused`` cannot run, ``failed`` ended its process or broke, and both say why.
State = Literal["done", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Labels:
    """What queries ask for by name; empty or None where a row has no such thing.

    Attributes
    ----------
    kind
        ``run`` for a run of one seed, else the name of what was computed.
    end
        0 or 1 for all energy constants at the low or high ends of their ranges, None for the constants as they are.
    """

    kind: str = "run"
    pair: str = ""
    system: str = ""
    hardware: str = ""
    algorithm: str = ""
    seed: int | None = None
    tokens: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What a run came to.

    Attributes
    ----------
    key
        Hash of all that it depends on.
    document
        The result as JSON, or the reason why there is none.
    """

    key: str
    state: State
    document: str
    labels: Labels
    tokens_per_second: float | None = None
    joules_per_token: float | None = None

    def values(self) -> tuple[object, ...]:
        """The columns, in the order of :data:`ahasd.experiments.store.schema.COLUMNS`."""
        about = self.labels
        return (
            self.key,
            self.state,
            about.kind,
            about.pair,
            about.system,
            about.hardware,
            about.algorithm,
            about.seed,
            about.tokens,
            about.end,
            self.tokens_per_second,
            self.joules_per_token,
            self.document,
        )


def row_of(values: tuple[object, ...]) -> Row:
    """A row from its columns, which have been found to be what was written."""
    key, state, kind, pair, system, hardware, algorithm, seed, tokens, end, speed, joules, document = values
    labels = Labels(kind, pair, system, hardware, algorithm, seed, tokens, end)  # type: ignore[arg-type]
    return Row(key, state, document, labels, speed, joules)  # type: ignore[arg-type]


def checksum(values: tuple[object, ...]) -> str:
    """Hash of the columns, also of ones that have been altered into something else."""
    return hashlib.sha256(json.dumps(values, default=repr).encode()).hexdigest()
