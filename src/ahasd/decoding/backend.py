"""The one place where torch and transformers are imported, so that their absence has one clear message.

transformers comes with its first use: a worker process that runs a lean model does without it.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ahasd.errors import AhasdError

if TYPE_CHECKING:
    import transformers

#: The CPU build first: plain ``torch`` brings gigabytes of CUDA libraries.
HOW = (
    "in the source folder: pip install -c constraints.txt torch==2.13.0 -e '.[torch]', which takes the CPU build "
    "where pip is pointed at PyTorch's CPU index (plain torch brings gigabytes of CUDA libraries)"
)

try:
    import torch
except ImportError as error:
    raise AhasdError(f"decoding real models needs torch and transformers ({error}); {HOW}") from error
if find_spec("transformers") is None:
    raise AhasdError(
        f"decoding real models needs torch and transformers (No module named 'transformers'); {HOW}"
    )

__all__ = ["torch", "transformers"]


def __getattr__(name: str) -> Any:
    if name != "transformers":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import transformers

    return transformers
