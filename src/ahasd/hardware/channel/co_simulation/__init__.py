"""An NPU stream and PIM operations on one channel, command by command.

:func:`co_simulate` plays both sides, each with its own controller, on the command bus and the data bus that they
share; :class:`Arbitration` says who goes first. :func:`compare` holds the slowdown model
(:mod:`ahasd.hardware.channel.slowdown`) against it on a :func:`random_mix`.
"""

from ahasd.hardware.channel.co_simulation.arbitration import Arbitration
from ahasd.hardware.channel.co_simulation.co_simulation import SharedCycles, co_simulate
from ahasd.hardware.channel.co_simulation.command import Command, Kind
from ahasd.hardware.channel.co_simulation.comparison import SlowdownRow, compare
from ahasd.hardware.channel.co_simulation.mixes import Mix, random_mix
from ahasd.hardware.channel.co_simulation.work import Driving, PimProduct, PimWork

__all__ = [
    "Arbitration",
    "Command",
    "Driving",
    "Kind",
    "Mix",
    "PimProduct",
    "PimWork",
    "SharedCycles",
    "SlowdownRow",
    "co_simulate",
    "compare",
    "random_mix",
]
