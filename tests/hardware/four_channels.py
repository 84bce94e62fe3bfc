"""A memory small enough to fill by hand: four channels of four ranks of 4 GiB."""

from ahasd.hardware.preset.sections import MemorySection

GIB = 2**30
MEMORY = MemorySection(
    channels=4,
    ranks_per_channel=4,
    rank_capacity_gib=4,
    channel_gb_per_second=12.8,
    bus_efficiency=0.92,
    timing="ahasd",
)
