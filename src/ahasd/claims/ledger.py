"""Every claim of the ledger."""

from collections.abc import Sequence
from typing import Any

from ahasd.claims.ahasd import area as ahasd_area
from ahasd.claims.ahasd import control as ahasd_control
from ahasd.claims.ahasd import gpu as ahasd_gpu
from ahasd.claims.ahasd import npu as ahasd_npu
from ahasd.claims.ahasd import repository as ahasd_repository
from ahasd.claims.ahasd import specpim as ahasd_specpim
from ahasd.claims.amusd import speedups as amusd
from ahasd.claims.claim import Claim
from ahasd.claims.experts import offloading
from ahasd.claims.h2eal import factors as h2eal
from ahasd.claims.ordering import peaks as ordering
from ahasd.claims.privquant import factors as privquant
from ahasd.claims.propd import trees as propd
from ahasd.claims.specasr import speedups as specasr
from ahasd.claims.specpim import speedups as specpim
from ahasd.errors import UnknownNameError

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
    ordering,
    privquant,
    offloading,
    h2eal,
    propd,
    specasr,
)


def all_claims() -> list[Claim[Any]]:
    """Every claim, group by group."""
    return [claim for group in _GROUPS for claim in group.claims()]


def claims_named(names: Sequence[str]) -> list[Claim[Any]]:
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
