"""The one place where torch and transformers are imported, so that their absence has one clear message."""

from ahasd.errors import AhasdError

try:
    import torch
    import transformers
except ImportError as error:
    raise AhasdError(
        f"decoding real models needs torch and transformers ({error}); install them with: "
        'pip install "ahasd[torch]"'
    ) from error

__all__ = ["torch", "transformers"]
