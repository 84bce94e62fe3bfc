"""The tiny mixture: a real mixture of experts of 3.5 M parameters that comes with the package.

Mixtral's layout, four layers of 16 experts of which a token takes two, grown from the tiny pair's target and trained
on the same text by ``scripts/train_tiny_moe.py``, with a loss that balances the experts of each layer. It stands in
for a real mixture in tests and shipped traces; ``training.json`` beside it says how good it is, how sure its routers
are and how evenly they load the experts.
"""

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from ahasd.errors import AhasdError

if TYPE_CHECKING:
    from ahasd.decoding.models.language_model import LanguageModel

#: What traces and reports call it.
NAME = "tiny-moe"


def model_path() -> Path:
    """Give the folder of the mixture.

    Raises
    ------
    AhasdError
        It is not there.
    """
    folder = Path(str(files(__name__)))
    if not (folder / "model.safetensors").is_file():
        raise AhasdError(
            f"the tiny mixture is not at {folder}: install ahasd as files (not zipped), or train it with "
            "scripts/train_tiny_moe.py"
        )
    return folder


def load_tiny_moe() -> "LanguageModel":
    """Load it whole; needs torch and transformers."""
    from ahasd.decoding.models.language_model import load_language_model

    return load_language_model(model_path(), NAME)
