"""From what a person writes for a model, a published name or a file, to its figures."""

import os
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from ahasd.errors import AhasdError
from ahasd.prediction.from_figures.model_figures import ModelFigures, model_figures
from ahasd.prediction.from_figures.model_shape import GIGA

if TYPE_CHECKING:
    from ahasd.prediction.from_figures.head_figures import HeadFigures

#: Formats where none is said: what most people run, and heads as they are published.
TARGET_FORMAT, DRAFT_FORMAT, HEAD_FORMAT = "Q4_K_M", "Q8_0", "bf16"

#: Ends of texts that are files, whether they exist or not.
_ENDINGS = (".json", ".gguf", ".safetensors")


@dataclass(frozen=True, slots=True)
class NamedModel:
    """What was written for a model.

    Attributes
    ----------
    role
        "target" or "draft", as its options are called.
    text
        A published name, one of the zoo, or a path.
    billions
        Parameters in 10^9, if said apart.
    quantisation
        Format of its weights; None where not said.
    """

    role: str
    text: str
    billions: float | None = None
    quantisation: str | None = None

    @property
    def is_file(self) -> bool:
        """Whether a file or folder is meant; ids of the hub have a slash too."""
        text = self.text
        return (
            os.path.exists(text)
            or text.lower().endswith(_ENDINGS)
            or text.startswith(("./", "../", "/", "~", ".\\", "..\\"))
        )


def read_target(named: NamedModel) -> ModelFigures:
    """The figures of a target.

    Raises
    ------
    AhasdError
        The name says no size and is no file, the file cannot be used or is that of a draft head.
    """
    found = _read(named, TARGET_FORMAT)
    if not isinstance(found, ModelFigures):
        raise AhasdError(
            f"{named.text} is a head ({found.kind}) that drafts for a target; give it with --draft"
        )
    return found


def read_draft(named: NamedModel) -> "ModelFigures | HeadFigures":
    """The figures of a draft: a model, or a head whose file was read.

    Raises
    ------
    AhasdError
        The name says no size and is no file, or the file cannot be used.
    """
    return _read(named, DRAFT_FORMAT)


def _read(named: NamedModel, usual: str) -> "ModelFigures | HeadFigures":
    size = named.billions
    if size is not None and not (isfinite(size) and size > 0):
        raise AhasdError(
            f"--{named.role}-size is {size:g}; it must be positive and finite, in 10^9 parameters"
        )
    if named.is_file:
        _refuse_size(named, "its file")
        return _read_file(named, usual)
    if size is None:
        zoo = _read_zoo(named, usual)
        if zoo is not None:
            return zoo
    figures = model_figures(
        named.text, named.quantisation or usual, size * GIGA if size is not None else None
    )
    if figures.read_bytes is None:
        raise AhasdError(
            f"the name '{named.text}' does not say how large the {named.role} is; give --{named.role}-size, "
            "or the path of its config.json"
        )
    return figures


def _refuse_size(named: NamedModel, what: str) -> None:
    if named.billions is not None:
        raise AhasdError(f"--{named.role}-size changes nothing, since {what} says how large it is")


def _read_zoo(named: NamedModel, usual: str) -> ModelFigures | None:
    # The readers take a while to load, and a published name needs none of them.
    from ahasd.prediction.from_figures.spec_figures import figures_of_spec
    from ahasd.workload.zoo import load_model, zoo_names

    if named.text.lower() not in zoo_names():
        return None
    return figures_of_spec(load_model(named.text), named.quantisation, usual)


def _read_file(named: NamedModel, usual: str) -> "ModelFigures | HeadFigures":
    from ahasd.prediction.from_figures.head_figures import figures_of_head
    from ahasd.prediction.from_figures.spec_figures import figures_of_spec
    from ahasd.workload.readers.draft_heads import draft_head, is_draft_head
    from ahasd.workload.readers.hugging_face import configuration_of
    from ahasd.workload.zoo import load_model

    path = Path(os.path.expanduser(named.text))
    if not path.exists():
        raise AhasdError(
            f"no such file: {named.text}; give the path of a config.json or its folder, or for --{named.role} "
            "a published name that says its size, such as Qwen2.5-14B"
        )
    if path.suffix == ".gguf":
        return figures_of_spec(load_model(path), named.quantisation, usual)
    configuration = configuration_of(path)
    if is_draft_head(configuration.contents):
        head = draft_head(configuration.contents, configuration.origin)
        return figures_of_head(configuration.name, head, named.quantisation or HEAD_FORMAT)
    return figures_of_spec(load_model(path), named.quantisation, usual)
