"""ModelSpec from a GGUF file."""

import os
from functools import lru_cache
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.readers.gguf.architectures import as_config
from ahasd.workload.readers.gguf.fields import HeaderFields
from ahasd.workload.readers.gguf.file_types import format_name
from ahasd.workload.readers.gguf.parts import model_name, read_parts
from ahasd.workload.readers.gguf.tensor_groups import TensorGroups, sort_tensors, unknown_tensors
from ahasd.workload.readers.gguf.vocabulary import tokenizer_in
from ahasd.workload.readers.hugging_face import spec_from_config
from ahasd.workload.stored_weights import StoredWeights

#: Models that are kept, as a comparison loads its pair for every run (ours).
_KEPT = 8


def spec_from_gguf(path: str | Path) -> ModelSpec:
    """Read a GGUF file, or all parts of which it is one; no weight is read.

    Shapes come from the header as the family's reader of a `config.json` takes them, and are held against the
    tensors; widths are the tensors' own.

    Raises
    ------
    AhasdError
        It is no GGUF file or broken, a part is missing, its architecture is not known, its family is not supported,
        or its tensors are not those of the model that its header tells.
    """
    text = str(path)
    try:
        state = os.stat(text)
    except OSError as error:
        raise AhasdError(f"GGUF file '{text}' cannot be read: {error.strerror}") from error
    return _read(text, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=_KEPT)
def _read(path: str, changed_ns: int, size: int) -> ModelSpec:
    """Read a file once, until it changes."""
    fields = HeaderFields(read_parts(path))
    name, header = model_name(path), fields.header
    contents = as_config(fields)
    tokenizer = tokenizer_in(dict(header.values))
    if tokenizer is not None:
        contents["tokenizer_family"] = tokenizer
    spec = spec_from_config(contents, name, origin=path)
    sorted_ = sort_tensors(header.tensors, spec.layers, spec.gated_feed_forward)
    _check(fields, spec, sorted_)
    stored = StoredWeights(
        format_name(header.values.get("general.file_type"), header.tensors),
        sorted_.groups,
        "GGUF file",
        tuple(_beside(fields, sorted_)),
    )
    return spec.model_copy(update={"source": f"header of the GGUF file {name}", "stored_weights": stored})


def _check(fields: HeaderFields, spec: ModelSpec, found: TensorGroups) -> None:
    """Refuse tensors that are not those of the shapes."""
    if spec.parameters in (found.elements, found.elements - found.choosing):
        return
    strangers = unknown_tensors(fields.header.tensors)
    among = f" (among them {', '.join(strangers[:3])})" if strangers else ""
    more = found.elements - spec.parameters
    raise AhasdError(
        f"{fields.path}: its header describes {spec.parameters:,} parameters of a plain {spec.family} model, and its "
        f"tensors hold {found.elements:,}{among}: {abs(more):,} {'more' if more > 0 else 'fewer'}, so it is not the "
        "model that the header tells"
    )


def _beside(fields: HeaderFields, found: TensorGroups) -> list[str]:
    """What the file holds beyond the model, in words."""
    said = []
    if found.further:
        taken = sum(tensor.bytes for tensor in found.further)
        elements = sum(tensor.elements for tensor in found.further)
        said.append(
            f"{fields.further_layers} layer(s) that predict further tokens (NextN): {elements:,} parameters, "
            f"{taken / 1e9:.3f} GB, which decoding with a draft leaves out"
        )
    if found.tables:
        taken = sum(tensor.bytes for tensor in found.tables)
        said.append(f"{len(found.tables)} table(s) of rotary positions, {taken:,} bytes")
    return said
