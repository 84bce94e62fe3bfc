"""ModelSpec from a `config.json` of the Hugging Face hub.

Shapes are read by the family's own function, of a model of several parts those of the text model, and how the
weights are kept by that of the quantiser. Where a family's code fixes something that the file does not say (Qwen2's
query, key and value biases, say), that function states it; where `transformers` has a default that the family's
published files rely on (an absent `num_key_value_heads` of LLaMA 1 means one per head), it is applied; a size is
never guessed. What a file says beyond its family makes the model another one, and is refused.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ahasd.errors import AhasdError
from ahasd.text_files import parse_json, read_text
from ahasd.workload.model_spec import ModelSpec, build_spec
from ahasd.workload.readers.checkpoint import check_checkpoint
from ahasd.workload.readers.families.by_model_type import FAMILIES
from ahasd.workload.readers.fields import ConfigReader
from ahasd.workload.readers.own_fields import further_token_layers
from ahasd.workload.readers.quantisation.stored import stored_weights
from ahasd.workload.readers.text_part import text_part
from ahasd.workload.readers.tokenizers import tokenizer_by_name, tokenizer_family
from ahasd.workload.readers.unlike import (
    refuse_draft_head,
    refuse_what_is_not_plain,
    refuse_what_its_family_is_not,
)
from ahasd.workload.readers.unsupported import UNSUPPORTED
from ahasd.workload.readers.vocabulary import read_vocabulary, tokenizer_of


class Configuration(NamedTuple):
    """A `config.json` as it was read.

    Attributes
    ----------
    origin
        The file, for messages.
    contents
        Its fields.
    name
        The folder's, or the file's if it is not called `config.json`.
    folder
        Where its weights and tokenizer would lie; None for a file of another name.
    """

    origin: str
    contents: Mapping[str, Any]
    name: str
    folder: Path | None


def configuration_of(config: str | Path) -> Configuration:
    """Read the file, or that of a folder.

    Raises
    ------
    AhasdError
        It cannot be read or holds no JSON object.
    """
    path = Path(config) / "config.json" if os.path.isdir(config) else Path(config)
    own = path.name == "config.json"
    name = path.absolute().parent.name if own else path.stem
    return Configuration(str(path), _load(path), name, path.parent if own else None)


def spec_from_config(
    config: str | Path | Mapping[str, Any], name: str | None = None, origin: str = "config.json"
) -> ModelSpec:
    """Read a `config.json`; weights and tokenizer that lie beside it are held against it.

    Parameters
    ----------
    config
        The file, its folder, or its contents.
    name
        Name for the model; by default the folder's name (the file's, if it is not called `config.json`), or
        the family for contents without a file.
    origin
        What to call contents without a file in an error.

    Raises
    ------
    AhasdError
        The file cannot be read, its model is no plain decoder of a supported `model_type`, a field is missing, of a
        wrong type or makes no sense, or the weights beside it are another model's; the message names file and field.
    """
    if isinstance(config, Mapping):
        contents, default_name, folder = config, "", None
    else:
        origin, contents, default_name, folder = configuration_of(config)
    part = text_part(contents, origin)
    reader = ConfigReader(contents if part is None else part, origin)
    refuse_what_is_not_plain(reader)
    family = reader.text("model_type")
    if family not in FAMILIES:
        why = f": it is {UNSUPPORTED[family]}" if family in UNSUPPORTED else ""
        raise AhasdError(
            f"{origin}: model_type '{family}' is not supported{why}; supported are {', '.join(sorted(FAMILIES))}"
        )
    refuse_what_its_family_is_not(reader)
    values = FAMILIES[family](reader)
    refuse_draft_head(reader, values["layers"], values["hidden_size"])
    values["further_token_layers"] = further_token_layers(reader)
    values["family"] = family
    values["name"] = name or default_name or family
    values["source"] = f"config.json of {values['name']}"  # no path: results must not depend on folders
    if part is not None:
        values["source"] += f" ({contents['model_type']}): its text model, without what sees or hears"
    values |= _tokenizer(reader, folder, default_name, values["vocabulary_size"])
    spec = build_spec(values, origin)
    spec = spec.model_copy(
        update={"stored_weights": stored_weights(spec, dict(reader.contents) | dict(contents), origin)}
    )
    if folder is not None:
        check_checkpoint(spec, folder, text_only=part is not None)
    return spec


def _tokenizer(reader: ConfigReader, folder: Path | None, name: str, vocabulary_size: int) -> dict[str, Any]:
    """Whose tokenizer it is: as the file says, as the tokenizer beside it says, or as one would think."""
    if reader.contents.get("tokenizer_family") is not None:
        return {"tokenizer": reader.text("tokenizer_family")}
    vocabulary = None if folder is None else read_vocabulary(folder)
    if vocabulary is not None:
        return {"tokenizer": tokenizer_of(vocabulary)}
    known = tokenizer_by_name(f"{name} {reader.text('_name_or_path', '')}")
    return {
        "tokenizer": known or tokenizer_family(reader.text("model_type"), vocabulary_size),
        "tokenizer_assumed": True,
    }


def _load(path: Path) -> Mapping[str, Any]:
    contents = parse_json(read_text(path, "model configuration"), str(path))
    if not isinstance(contents, dict):
        raise AhasdError(f"{path} is not a model configuration: it holds no JSON object")
    return contents
