"""Will speculative decoding pay on this hardware, and what does a token cost."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

from ahasd.errors import AhasdError

__all__ = ["AhasdError", "__version__", "simulate"]

__version__ = "0.1.0"

if TYPE_CHECKING:
    from ahasd.speculation.results import SpeculationResult
    from ahasd.workload.model_spec import ModelSpec


def simulate(
    *,
    pair: str = "llama2-7b:llama2-13b",
    models: "dict[Literal['draft', 'target'], ModelSpec] | None" = None,
    algorithm: str = "adaedl",
    system: str | dict[str, Any] = "ahasd",
    trace: str = "tiny-distilled-sampled",
    coins: Literal["redrawn", "recorded"] = "redrawn",
    hardware: str | dict[str, Any] | None = None,
    fidelity: Literal["first-order", "detailed"] = "detailed",
    tokens: int = 1024,
    prompt_tokens: int = 128,
    batch: Literal[1] = 1,
    seed: int = 0,
    weight_bits: Literal[4, 8, 16] = 8,
    kv_bits: Literal[4, 8, 16] = 8,
    set: Sequence[str] = (),
) -> "SpeculationResult":
    """Simulate one run of speculative decoding; other families: :func:`ahasd.systems.simulate.simulate`.

    Parameters
    ----------
    pair
        DRAFT:TARGET, names of models or paths of ``config.json`` files.
    models
        Draft and target themselves, instead of `pair`.
    algorithm, trace, coins, fidelity, tokens, prompt_tokens, batch, seed, weight_bits, kv_bits
        As the options of ``ahasd run``, whose help says what each is.
    system, hardware
        A name (of hardware also a file), or a whole document.
    set
        Constants to change, each as ``"KEY=VALUE"``.

    Raises
    ------
    AhasdError
        The input is wrong; the message names the cause.
    """
    options = locals()  # all of the above, and nothing else yet
    # Imported here so that `import ahasd` and `ahasd --help` stay light.
    from ahasd.systems.simulate import simulate as run

    return cast("SpeculationResult", run(**options))  # the options are those of its family
