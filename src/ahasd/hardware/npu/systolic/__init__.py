"""Systolic arrays: their dataflows, and NPU cores that feed them from memory through double buffers."""

from ahasd.hardware.npu.systolic.core import NpuConfig, TileRounding
from ahasd.hardware.npu.systolic.dataflow import Dataflow, Folds, folds, systolic_cycles
from ahasd.hardware.npu.systolic.gemm import GemmBound, GemmCost, gemm
from ahasd.hardware.npu.systolic.machines import MEASURED_ARRAYS, Machine, machine
from ahasd.hardware.npu.systolic.memory_port import MemoryPort, MemoryTiming
from ahasd.hardware.npu.systolic.tiling import Cut, Tiling, tile

__all__ = [
    "MEASURED_ARRAYS",
    "Cut",
    "Dataflow",
    "Folds",
    "GemmBound",
    "GemmCost",
    "Machine",
    "MemoryPort",
    "MemoryTiming",
    "NpuConfig",
    "TileRounding",
    "Tiling",
    "folds",
    "gemm",
    "machine",
    "systolic_cycles",
    "tile",
]
