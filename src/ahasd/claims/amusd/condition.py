"""What AMUSD leaves open: the launches and the acceptance of its two GPUs, which it does not name."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from ahasd.claims.condition import RunCondition
from ahasd.claims.condition_axes import Change, at_acceptance, same, saying
from ahasd.claims.measuring.roles import Role, asked


@dataclass(frozen=True, slots=True)
class AmusdCondition(RunCondition):
    """What is varied of AMUSD's evaluation; the defaults are those of the runs.

    Attributes
    ----------
    preset
        Hardware preset with two GPUs.
    bits
        Of weights and cache.
    each_gpu
        Constants of both GPUs that differ from the preset's, without the name of their section.
    """

    preset: str = "two-a100-40gb"
    bits: int = 16
    each_gpu: tuple[str, ...] = ()


#: Launches of eager Python instead of a bare kernel launch, which AMUSD does not publish.
LAUNCH_AXIS: tuple[Change[AmusdCondition], ...] = (
    same,
    saying("40 us a launch", AmusdCondition, each_gpu=("launch_us=40",)),
)

#: Acceptance, which AMUSD does not publish either.
ACCEPTANCE_AXIS: tuple[Change[AmusdCondition], ...] = (
    same,
    *(partial(at_acceptance, level=level) for level in (0.6, 0.7, 0.8, 0.9)),
)


def on_two_gpus(system: str, algorithm: str, *options: str) -> Role[AmusdCondition]:
    """A system of AMUSD's on two GPUs, which have an algorithm of their own."""

    def role(condition: AmusdCondition, pair: str, _: str) -> dict[str, Any]:
        both = [f"{name}.{text}" for text in condition.each_gpu for name in ("gpu", "gpu2")]
        changes = (*options, *both)
        return asked(condition, pair, algorithm, system, condition.preset, changes, condition.bits)

    return role
