"""The built-in models: a YAML file each, in this folder, holding the fields of ModelSpec.

To add a model, add a file; its name without the suffix is the model's name.
"""

import os
from functools import cache
from importlib.resources import files
from pathlib import Path

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.workload.model_spec import ModelSpec, build_spec
from ahasd.workload.readers.gguf.model import spec_from_gguf
from ahasd.workload.readers.hugging_face import spec_from_config
from ahasd.yaml_text import read_yaml

#: What the name of a GGUF file ends with.
GGUF = ".gguf"


@cache
def zoo_names() -> tuple[str, ...]:
    """Names of the built-in models, sorted."""
    entries = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in entries if name.endswith(".yaml")))


def load_model(name_or_path: str | Path) -> ModelSpec:
    """Load a model of the zoo by name, or any other by the path of its `config.json`, its folder, or its GGUF file.

    A zoo name comes first; write ``./name`` for a folder of the same name.

    Raises
    ------
    UnknownNameError
        Neither a zoo name nor an existing path.
    AhasdError
        The path looks like one and does not exist, or the file cannot be used.
    """
    text = str(name_or_path)
    # pathlib would turn "./opt-1.3b" into "opt-1.3b", so the choice is made on the text.
    if isinstance(name_or_path, str) and text.lower() in zoo_names():
        return _load_zoo_model(text.lower())
    if text.lower().endswith(GGUF) and not os.path.isdir(text):
        return spec_from_gguf(text)
    if os.path.exists(text):
        return spec_from_config(Path(text))
    if isinstance(name_or_path, Path) or "/" in text or "\\" in text or text.endswith(".json"):
        raise AhasdError(f"no such model file or folder: {text}")
    raise UnknownNameError("model", text, zoo_names())


@cache
def _load_zoo_model(name: str) -> ModelSpec:
    text = (files(__name__) / f"{name}.yaml").read_text(encoding="utf-8")
    values = read_yaml(text)
    return build_spec({"name": name, **values}, f"zoo model {name}")
