"""A model and its tokenizer out of whatever form they lie in."""

from pathlib import Path
from typing import Any

from ahasd.decoding.models.gguf_model import SUFFIX, read_gguf
from ahasd.decoding.models.model_folder import read_folder
from ahasd.decoding.models.shared_draft import DOCUMENT, read_shared_draft
from ahasd.errors import AhasdError


def read_model(path: Path, device: str, dtype: str, trust_remote_code: bool) -> tuple[Any, Any]:
    """Load model and tokenizer from a ``.gguf`` file, the folder of a draft that shares, or a folder of transformers.

    Raises
    ------
    AhasdError
        See `ahasd.decoding.models.language_model.load_language_model`.
    """
    if path.suffix == SUFFIX and not path.is_dir():
        return read_gguf(path, device, dtype)
    if (path / DOCUMENT).exists():
        return read_shared_draft(path, device, dtype)
    for file, content in (("config.json", "model of transformers"), ("tokenizer_config.json", "tokenizer")):
        if not (path / file).exists():
            raise AhasdError(f"model {path}: holds no {content} ({file} is missing)")
    return read_folder(path, device, dtype, trust_remote_code)
