"""The heads that come with ahasd, and whose they are."""

from importlib.resources import files
from pathlib import Path

from ahasd.decoding.heads import medusa_file
from ahasd.decoding.heads.head_files import read_document
from ahasd.decoding.heads.target_parts import target_identity
from ahasd.decoding.models.language_model import LanguageModel

#: The packages that hold their folders; both kinds of a package are for one target.
PACKAGES = ("ahasd.decoding.smollm2_heads", "ahasd.decoding.tiny_heads")

ONE_LAYER, MEDUSA = "one-layer", "medusa"

_FOLDERS = {ONE_LAYER: "one_layer", MEDUSA: "medusa"}


def shipped_heads(target: LanguageModel) -> dict[str, Path]:
    """Give the folders of those that are for a target, by kind; none for most.

    A target is known by what it is, not by its name: shape, tokenizer and last norm.
    """
    if target.tokenizer is None:
        return {}
    config = target.model.config.get_text_config()
    for package in PACKAGES:
        whole = Path(str(files(package)))
        said = read_document(whole / _FOLDERS[MEDUSA] / medusa_file.DOCUMENT, package).get("target", {})
        # The shape first, as a digest of the tokenizer takes its time.
        if (said.get("width"), said.get("vocabulary")) != (config.hidden_size, target.vocabulary_size):
            continue
        if _is(said, target):
            return {kind: whole / folder for kind, folder in _FOLDERS.items()}
    return {}


def _is(said: object, target: LanguageModel) -> bool:
    layout = ("embed_tokens", "norm", "rotary_emb")
    body = getattr(target.model, "model", None)
    if not all(hasattr(body, name) for name in layout) or not hasattr(target.model, "lm_head"):
        return False
    return bool(said == target_identity(target))
