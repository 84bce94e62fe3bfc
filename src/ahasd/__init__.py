"""Will speculative decoding pay on this hardware, and what does a token cost."""

from typing import TYPE_CHECKING, Any, cast

from ahasd.errors import AhasdError

__all__ = ["AhasdError", "__version__", "simulate"]

__version__ = "0.1.0"

if TYPE_CHECKING:
    from ahasd.speculation.results import SpeculationResult


def simulate(
    *,
    system: str = "ahasd",
    pair: str = "llama2-7b:llama2-13b",
    algorithm: str = "adaedl",
    trace: str = "tiny-distilled-sampled",
    hardware: str | None = None,
    tokens: int = 1024,
    seed: int = 0,
    **options: Any,
) -> "SpeculationResult":
    """Simulate one run.

    Parameters
    ----------
    system, pair, algorithm, trace, hardware, tokens, seed
        As the options of ``ahasd run``.
    **options
        The others: ``prompt_tokens``, ``coins``, ``fidelity``, ``weight_bits``, ``kv_bits``, and ``set``, a sequence
        of ``"key=value"``.

    Raises
    ------
    AhasdError
        The input is wrong; the message names the cause.
    """
    # Imported here so that `import ahasd` and `ahasd --help` stay light.
    from ahasd.systems.simulate import simulate as run

    result = run(
        system=system,
        pair=pair,
        algorithm=algorithm,
        trace=trace,
        hardware=hardware,
        tokens=tokens,
        seed=seed,
        **options,
    )
    return cast("SpeculationResult", result)  # the fields above are those of its family
