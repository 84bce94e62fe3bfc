"""Writing an order: as JSON, or as the ONNX file in that order."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError
from ahasd.report.files import check_file_writable, to_json, write_files
from ahasd.whole_files import write_whole


def check_output(output: Path, file: Path | None) -> None:
    """See that it can be written, before any work is done.

    Raises
    ------
    AhasdError
        It cannot, or its kind is none that can be made of the input.
    """
    suffix = output.suffix.lower()
    if suffix not in (".json", ".onnx"):
        raise AhasdError(f"output file '{output}': give one that ends in .json or .onnx")
    if suffix == ".onnx":
        if file is None or file.suffix.lower() != ".onnx":
            raise AhasdError(f"output file '{output}': only an ONNX file can be written as one")
        from ahasd.workload.readers.graphs.onnx_model import has_external_data

        if has_external_data(file) and output.resolve().parent != file.resolve().parent:
            raise AhasdError(
                f"output file '{output}': the weights of '{file}' lie in files beside it; write into that folder"
            )
    check_file_writable(output)


def write_output(output: Path, file: Path | None, document: Mapping[str, Any]) -> None:
    """Write it, whole or not at all.

    Raises
    ------
    AhasdError
        Writing failed; what was there before is untouched.
    """
    if output.suffix.lower() == ".json":
        write_files(output.parent, {output.name: to_json(document)})
        return
    from ahasd.workload.readers.graphs.onnx_model import reordered_onnx

    assert file is not None
    content = reordered_onnx(file, document["order"])
    try:
        write_whole(output.parent, {output.name: content})
    except OSError as error:
        raise AhasdError(f"cannot write '{output}': {error.strerror or error}") from error
