"""Architectures: two GPUs whose stacks of memory are plain or compute, what they take in silicon and power."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ahasd.hardware.area import PIM_LANE_MM2
from ahasd.hardware.energy import bits_j, operations_j
from ahasd.hardware.preset.hardware import Hardware
from ahasd.hardware.preset.preset import load_preset

Memory = Literal["hbm", "gddr6"]

#: Stacks of memory beside two A100 (vendor: five stacks of HBM2 each).
STACKS = 10

#: NVIDIA A100 data sheet (80 GB HBM2e apart): two dies of 826 mm² (vendor; quoted from memory, not checked).
GPU_MM2 = 2 * 826.0

#: Of a plain stack: 8 GB; 1,555 GB/s over five (vendor: A100 40 GB).
STACK_GIB, STACK_GB_PER_SECOND = 8.0, 311.0

#: Two A100 SXM (vendor), and at rest (as the preset two-a100-40gb).
GPU_LIMIT_W, GPU_IDLE_W = 800.0, 100.0

#: What moving a bit of HBM2 draws (SpecPIM, section 7.1, after TPU-v4i); the rest of a GPU's power is its silicon's.
_HBM_PJ_PER_BIT = 5.47
PLAIN_STACK_W = bits_j(STACK_GB_PER_SECOND * 1e9, _HBM_PJ_PER_BIT)
_SILICON_W = GPU_LIMIT_W - GPU_IDLE_W - STACKS * PLAIN_STACK_W


@dataclass(frozen=True, slots=True)
class _Kind:
    """What stands in the place of one stack, as the presets of SpecPIM's rebuilt machine have it.

    Attributes
    ----------
    preset
        Where its constants and their sources stand; it has four stacks' worth.
    units_per_bank
        Of the real device.
    units
        So many of them in a stack's place, of 16 lanes each.
    """

    preset: str
    units_per_bank: float
    units: int


#: HBM-PIM: 16 pseudo-channels of 8 units. GDDR6-AiM: six chips of 32 units in a stack's place (ours), each unit with
#: the area of HBM-PIM's (ours).
_KINDS: dict[Memory, _Kind] = {
    "hbm": _Kind("specpim-hbm", 0.5, 128),
    "gddr6": _Kind("specpim-gddr6", 1.0, 192),
}

#: Stacks' worth of computing memory in those presets.
_PRESET_STACKS = 4


@dataclass(frozen=True, slots=True)
class Machine:
    """A point of the space of architectures.

    Attributes
    ----------
    memory
        What computes: cubes of HBM-PIM, or six chips of GDDR6-PIM in the place of a stack.
    stacks
        That compute; the others of ten are plain, and the GPUs'.
    units_per_bank
        Up to 1 each reads a bank of its own, or every so many banks; beyond that those of a bank share what it reads,
        and take the rows of a batch together.
    pim_clock, host_clock
        Over those of the real devices, which are the most (ours).
    host_share
        Silicon of the GPUs over that of two A100; their memory stays.
    """

    memory: Memory = "hbm"
    stacks: int = 4
    units_per_bank: float = 0.5
    pim_clock: float = 1.0
    host_share: float = 1.0
    host_clock: float = 1.0

    @property
    def units(self) -> float:
        """Units in the place of one stack."""
        kind = _KINDS[self.memory]
        return kind.units * self.units_per_bank / kind.units_per_bank

    @property
    def figures(self) -> dict[str, float]:
        """What budgets bound: silicon that computes, that of one stack, and the most power that all of it draws."""
        stack = self.units * 16 * PIM_LANE_MM2
        return {
            "area_mm2": GPU_MM2 * self.host_share + self.stacks * stack,
            "stack_area_mm2": stack,
            "power_w": _gpu_w(self, STACKS - self.stacks) + _memory_w(self),
        }

    @property
    def hardware(self) -> Hardware:
        """Constants of the machine, from those of the presets."""
        return _hardware(self)

    @property
    def text(self) -> str:
        """For people."""
        name = {"hbm": "HBM-PIM", "gddr6": "GDDR6-PIM"}[self.memory]
        return (
            f"{self.stacks} x {name}, {self.units_per_bank:g} units a bank at {self.pim_clock:g} of the clock, "
            f"{self.host_share:g} of the GPUs at {self.host_clock:g}"
        )


def gpu_only(stacks: int = STACKS) -> Hardware:
    """Two A100 on so many plain stacks; the computing memory of the preset is there for its constants, unused."""
    hardware = load_preset(_KINDS["hbm"].preset).hardware
    return _with_gpu(hardware, Machine(stacks=0), stacks).model_copy(
        update={"name": "two-gpus", "memory": None, "pim": None, "energy": None}
    )


@lru_cache(maxsize=1024)
def _hardware(machine: Machine) -> Hardware:
    kind = _KINDS[machine.memory]
    hardware = load_preset(kind.preset).hardware
    memory, pim = hardware.require_memory(), hardware.require_pim()
    more = machine.stacks / _PRESET_STACKS
    density = machine.units_per_bank / kind.units_per_bank
    reading = min(machine.units_per_bank, 1.0) / kind.units_per_bank
    changed = {
        "memory": memory.model_copy(update={"channels": round(memory.channels * more)}),
        "pim": pim.model_copy(
            update={
                "clock_ghz": pim.clock_ghz * machine.pim_clock,
                "gmac_per_second": pim.gmac_per_second * more * density * machine.pim_clock,
                "gb_per_second": pim.gb_per_second * more * reading * machine.pim_clock,
                "weight_reuse": max(1, int(machine.units_per_bank)),
                "power_cap_w": pim.power_cap_w * more,
            }
        ),
        "name": f"{kind.preset}-explored",
    }
    return _with_gpu(hardware.model_copy(update=changed), machine, STACKS - machine.stacks)


def _with_gpu(hardware: Hardware, machine: Machine, plain: int) -> Hardware:
    gpu, speed = hardware.require_gpu(), machine.host_share * machine.host_clock
    changed = {
        "memory_gib": STACK_GIB * plain,
        "gb_per_second": STACK_GB_PER_SECOND * plain,
        "fp16_tflops": gpu.fp16_tflops * speed,
        "int8_tops": gpu.int8_tops * speed,
        "vector_tflops": gpu.vector_tflops * speed,
        "l2_mb": gpu.l2_mb * machine.host_share,
        "idle_w": GPU_IDLE_W * machine.host_share,
        "limit_w": _gpu_w(machine, plain),
    }
    return hardware.model_copy(update={"gpu": gpu.model_copy(update=changed)})


def _gpu_w(machine: Machine, plain: int) -> float:
    """Rest goes with the silicon, work with silicon and clock (ours), and memory with its stacks."""
    silicon = GPU_IDLE_W + _SILICON_W * machine.host_clock
    return silicon * machine.host_share + plain * PLAIN_STACK_W


def _memory_w(machine: Machine) -> float:
    """All units at work on what their banks give; never above the cap of the preset."""
    hardware = machine.hardware
    pim, energy = hardware.require_pim(), hardware.require_energy()
    working = operations_j(pim.gmac_per_second * 1e9, energy.pim_mac_pj)
    return min(pim.power_cap_w, working + bits_j(pim.gb_per_second * 1e9, energy.pim_array_pj_per_bit))
