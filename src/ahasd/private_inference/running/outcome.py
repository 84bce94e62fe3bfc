"""What a private run was asked, and what came of it."""

import json
from dataclasses import asdict, dataclass
from hashlib import sha256

from ahasd.private_inference.network.link import Link
from ahasd.private_inference.network.rules import Rules
from ahasd.private_inference.protocols.transfer import Party
from ahasd.private_inference.running.channel import DEFAULT_TIMEOUT_S
from ahasd.private_inference.running.execution import Counted
from ahasd.private_inference.running.quantised import Integers, PublicPart


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What both sides must agree on, and how this side waits.

    Attributes
    ----------
    public
        The network without its weights.
    rules
        Protocols.
    images, batch
        How many, and how many at once.
    timeout_s
        For every read and write.
    link
        Delays to imitate; None for none.
    """

    public: PublicPart
    rules: Rules
    images: int
    batch: int
    timeout_s: float = DEFAULT_TIMEOUT_S
    link: Link | None = None

    @property
    def batches(self) -> list[int]:
        """Images of each batch."""
        full, rest = divmod(self.images, self.batch)
        return [self.batch] * full + ([rest] if rest else [])

    def digest(self) -> bytes:
        """What the handshake compares."""
        public = self.public
        agreed = {
            "network": public.network.name,
            "widths": [str(width) for width in public.widths],
            "shifts": public.shifts,
            "kept_shifts": public.kept_shifts,
            "rules": asdict(self.rules),
            "batches": self.batches,
        }
        return sha256(json.dumps(agreed, sort_keys=True).encode()).digest()


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """One party's account of a run.

    Attributes
    ----------
    party
        Who it was.
    predicted, counted
        Of every protocol of every layer, over all batches: bytes by the formulas, and bytes on the socket.
    setup_predicted, setup_counted
        Bytes before the first layer.
    seconds
        From the first layer to the last, set-up apart.
    trips
        One-way trips as predicted.
    sums
        Classes x images at the client; None at the server.
    """

    party: Party
    predicted: tuple[Counted, ...]
    counted: tuple[Counted, ...]
    setup_predicted: int
    setup_counted: int
    seconds: float
    trips: int
    sums: Integers | None

    @property
    def equal(self) -> bool:
        """Whether every count is as predicted."""
        return self.predicted == self.counted and self.setup_predicted == self.setup_counted
