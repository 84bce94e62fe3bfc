"""Dynamic energy of work, by component."""

from ahasd.hardware.components import DYNAMIC_COMPONENTS

_PICO = 1e-12


def energy_vector(**joules: float) -> tuple[float, ...]:
    """Arrange named joules in the order of :data:`~ahasd.hardware.components.DYNAMIC_COMPONENTS`."""
    unknown = joules.keys() - set(DYNAMIC_COMPONENTS)
    if unknown:
        raise ValueError(f"no energy component {sorted(unknown)}")
    return tuple(joules.get(name, 0.0) for name in DYNAMIC_COMPONENTS)


def bits_j(byte_count: float, pj_per_bit: float) -> float:
    """Joules of moving bytes."""
    return byte_count * 8 * pj_per_bit * _PICO


def operations_j(count: float, picojoules: float) -> float:
    """Joules of operations."""
    return count * picojoules * _PICO
