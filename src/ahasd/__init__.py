"""Will speculative decoding pay on this hardware, and what does a token cost."""

from typing import TYPE_CHECKING, Any

__all__ = ["__version__", "simulate"]

__version__ = "0.1.0"

if TYPE_CHECKING:
    from ahasd.simulation.result import Result


def simulate(**values: Any) -> "Result":
    """Simulate one run; see :func:`ahasd.systems.simulate.simulate`."""
    # Imported here so that `import ahasd` and `ahasd --help` stay light.
    from ahasd.systems.simulate import simulate as run

    return run(**values)
