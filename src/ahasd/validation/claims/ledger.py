"""Every claim of the ledger."""

from collections.abc import Sequence

from ahasd.errors import UnknownNameError
from ahasd.validation.claims import (
    ahasd_area,
    ahasd_control,
    ahasd_gpu,
    ahasd_npu,
    ahasd_repository,
    ahasd_specpim,
    amusd,
    specpim,
)
from ahasd.validation.claims.claim import Claim

#: In the order of the ledger; a new group of claims is one file and one entry.
_GROUPS = (
    ahasd_gpu,
    ahasd_specpim,
    ahasd_npu,
    ahasd_control,
    ahasd_repository,
    ahasd_area,
    amusd,
    specpim,
)


def all_claims() -> list[Claim]:
    """Every claim, group by group."""
    return [claim for group in _GROUPS for claim in group.claims()]


def claims_named(names: Sequence[str]) -> list[Claim]:
    """The claims of these ids, in the order of the ledger.

    Raises
    ------
    UnknownNameError
        There is none of an id; the message names the nearest and lists them all.
    """
    every = all_claims()
    known = [claim.name for claim in every]
    for name in names:
        if name not in known:
            raise UnknownNameError("claim", name, known)
    return [claim for claim in every if claim.name in names]
