"""The tiny pair: real models of 0.9 M and 0.3 M parameters that come with the package.

A four-layer target and two one-layer drafts (one distilled from the target, one not), LLaMA-shaped, with a
byte-level BPE of 1024 tokens, trained by ``scripts/train_tiny_pair.py`` on the sources of the Python standard
library (Python Software Foundation License). Each draft has an acceptance head (SpecDec++), trained by the same
script. They write Python-like text and stand in for a real pair in
tests, the demonstration and the shipped traces; ``training.json`` beside them says how good they are.
"""

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from ahasd.errors import AhasdError, UnknownNameError

if TYPE_CHECKING:
    from ahasd.decoding.models.language_model import LanguageModel

TinyDraft = Literal["distilled", "plain"]
_FOLDERS: dict[str, str] = {"distilled": "draft", "plain": "draft-plain"}


def target_path() -> Path:
    """Give the folder of the target."""
    return _folder("target")


def draft_path(draft: TinyDraft = "distilled") -> Path:
    """Give the folder of a draft.

    Parameters
    ----------
    draft
        ``"distilled"`` from the target's distributions (about 0.8 of its tokens are accepted) or ``"plain"``,
        trained on the text alone (about 0.6).
    """
    if draft not in _FOLDERS:
        raise UnknownNameError("tiny draft", draft, get_args(TinyDraft))
    return _folder(_FOLDERS[draft])


def load_tiny_pair(draft: TinyDraft = "distilled") -> "tuple[LanguageModel, LanguageModel]":
    """Load target and draft; needs torch and transformers.

    Returns
    -------
    target, draft
        Ready for `ahasd.decoding.recording.recorder.record`.

    Raises
    ------
    AhasdError
        If torch or transformers are missing, or there is no such draft.
    """
    folder = draft_path(draft)
    from ahasd.decoding.models.language_model import load_language_model

    return load_language_model(target_path(), "tiny-target"), load_language_model(
        folder, f"tiny-draft-{draft}"
    )


def _folder(name: str) -> Path:
    folder = Path(str(files(__name__))) / name
    if not folder.is_dir():
        raise AhasdError(
            f"the tiny pair is not at {folder}: install ahasd as files (not zipped), or train the pair with "
            "scripts/train_tiny_pair.py"
        )
    return folder
