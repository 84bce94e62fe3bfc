"""The one place that reads a model out of a folder, whatever lies there.

The libraries that do the work raise anything at all when a file is damaged, and some damage they pass over: a weight
that is missing is drawn at random, one that is not a number stays so. What they raise becomes an error that names the
folder; what they pass over is looked for.
"""

import math
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ahasd.decoding.backend import torch, transformers
from ahasd.errors import AhasdError
from ahasd.text_files import DATA_BYTES, DOCUMENT_BYTES, MEBIBYTE, parse_json, read_text

#: Files that say what a model is, of which it can do without those that are False.
_DOCUMENTS = {"config.json": True, "tokenizer_config.json": True, "generation_config.json": False}

#: Layers of a model at most; the deepest that there is has 126 (LLaMA 3.1 405B). Building more takes forever before
#: anything notices that there are no weights for them. Ours.
MOST_LAYERS = 2048
_LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")

_OF_A_LAYER = re.compile(r"\b(layers|h|blocks)\.\d+\.")

#: Any other size, such as the entries of a vocabulary (ours).
MOST_OF_ANYTHING = 2**31 - 1

_WEIGHT_FILES = (".safetensors", ".bin", ".pt", ".pth")

#: Bytes of tables beside the weights, such as masks and rotations, at most (ours).
MOST_BESIDE = 2**31

#: Names shown of weights that are missing or damaged (ours).
SHOWN = 5

TRUST = (
    "it brings code of its own, which would run with all your rights; read that code, and if you trust it, allow it "
    "by --trust-remote-code (trust_remote_code=True)"
)


@contextmanager
def naming(what: str) -> Iterator[None]:
    """Turn whatever a library raises into an error that begins with ``what`` (a folder or file, and what was done).

    Raises
    ------
    AhasdError
        The library raised anything but the end of this process.
    """
    try:
        yield
    except (AhasdError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # a panic of a library in Rust is no Exception
        reason = " ".join(str(error).split()) or "no reason given"
        if "trust_remote_code" in reason:
            reason = TRUST
        raise AhasdError(f"{what} ({type(error).__name__}: {reason})") from error


def read_folder(path: Path, device: str, dtype: str, trust_remote_code: bool) -> tuple[Any, Any]:
    """Load model and tokenizer.

    Returns
    -------
    model, tokenizer
        The model on its device, in evaluation mode, all its weights from the folder and finite, and seen to work.

    Raises
    ------
    AhasdError
        See `ahasd.decoding.models.language_model.load_language_model`.
    """
    check_files(path)
    with naming(f"model {path}: transformers cannot load it"), without_progress_bars():
        common: dict[str, Any] = {"local_files_only": True, "trust_remote_code": trust_remote_code}
        _check_room(path, common)
        tokenizer = transformers.AutoTokenizer.from_pretrained(path, **common)
        model, found = transformers.AutoModelForCausalLM.from_pretrained(
            path, dtype=dtype, output_loading_info=True, **common
        )
    return check_model(path, model, found, device), tokenizer


def check_model(path: Path, model: Any, found: Mapping[str, Any], device: str) -> Any:
    """See that a model has all its weights and no others, that they are finite, and that it works on its device.

    Parameters
    ----------
    found
        What transformers says of the loading (``output_loading_info``).

    Returns
    -------
    PreTrainedModel
        On its device, in evaluation mode.

    Raises
    ------
    AhasdError
        It does not.
    """
    with naming(f"model {path}: transformers cannot load it"):
        _refuse(
            path, "lacks the weights", sorted(found["missing_keys"]), "transformers would draw them at random"
        )
        _refuse(
            path,
            "holds weights of layers that its config.json does not count:",
            sorted(name for name in found["unexpected_keys"] if _OF_A_LAYER.search(name)),
            "it would be run without them",
        )
        model = model.to(device).eval()
        _refuse(
            path, "has weights that are infinite or not numbers:", _not_finite(model), "the file is damaged"
        )
    with naming(f"model {path}: it was loaded and does not work"):
        _try(model, path)
    return model


def check_files(path: Path) -> None:
    """See that a folder holds what a model needs, in ordinary files, and sizes that can be meant.

    Raises
    ------
    AhasdError
        It does not; the message names the file.
    """
    for name, needed in _DOCUMENTS.items():
        if not needed and not os.path.lexists(path / name):
            continue
        what = f"model {path}: {name} of"
        document = parse_json(read_text(path / name, what, DOCUMENT_BYTES), f"model {path}: {name}")
        if not isinstance(document, dict):
            raise AhasdError(f"model {path}: {name} holds no JSON object")
        if name == "config.json":
            _check_sizes(document, f"model {path}: {name}")
    for entry in sorted(path.iterdir()):
        if not entry.exists():
            continue  # a link to nothing; whoever needs it says so
        state = entry.stat()
        if not stat.S_ISREG(state.st_mode) and not stat.S_ISDIR(state.st_mode):
            raise AhasdError(f"model {path}: {entry.name} is a pipe or a device, not a file")
        if entry.suffix in (".json", ".txt", ".jinja", ".model") and state.st_size > DATA_BYTES:
            raise AhasdError(
                f"model {path}: {entry.name} has {state.st_size // MEBIBYTE} MiB; at most "
                f"{DATA_BYTES // MEBIBYTE} are read of such a file"
            )


def _check_sizes(document: Mapping[str, Any], where: str) -> None:
    for key, value in document.items():
        if isinstance(value, dict):
            _check_sizes(value, where)
        elif isinstance(value, int) and not isinstance(value, bool):
            most = MOST_LAYERS if key in _LAYERS else MOST_OF_ANYTHING
            if abs(value) > most:
                raise AhasdError(f"{where}: {key} is {value}; no model has more than {most}")


def _check_room(path: Path, common: dict[str, Any]) -> None:
    """See that the model that the configuration describes can be the one whose weights lie there, before it is built.

    The model is laid out without memory, which takes milliseconds.
    """
    held = sum(entry.stat().st_size for entry in path.iterdir() if entry.suffix in _WEIGHT_FILES)
    config = transformers.AutoConfig.from_pretrained(path, **common)
    trust = {"trust_remote_code": common["trust_remote_code"]}
    with torch.device("meta"):
        blank = transformers.AutoModelForCausalLM.from_config(config, **trust)
    parameters = sum(weight.numel() for weight in blank.parameters())
    # Eight to the byte: the smallest that anyone quantises to.
    if parameters > 8 * held:
        raise AhasdError(
            f"model {path}: config.json describes {parameters:,} parameters, and the files hold {held:,} bytes of "
            "weights; they do not belong together"
        )
    beside = sum(buffer.nbytes for buffer in blank.buffers())
    if beside > MOST_BESIDE:
        raise AhasdError(
            f"model {path}: config.json asks for {beside / 2**30:.0f} GiB of tables beside its weights; at most "
            f"{MOST_BESIDE / 2**30:.0f} are built"
        )


def _refuse(path: Path, what: str, names: list[str], why: str) -> None:
    if names:
        others = f" and {len(names) - SHOWN} others" if len(names) > SHOWN else ""
        raise AhasdError(
            f"model {path}: {what} {', '.join(names[:SHOWN])}{others} ({why}); get or save the model again"
        )


def _not_finite(model: Any) -> list[str]:
    """Names of the weights that hold an infinity or a NaN."""
    names = []
    for name, weight in model.named_parameters():
        if weight.is_floating_point() and weight.numel():
            least, most = torch.aminmax(weight.detach())  # both are NaN where one value is
            if not (math.isfinite(float(least)) and math.isfinite(float(most))):
                names.append(name)
    return names


def _try(model: Any, path: Path) -> None:
    """Run the first and last token of the vocabulary, which a damaged configuration or overflow does not survive."""
    size = model.config.get_text_config().vocab_size
    if not isinstance(size, int) or size < 1:
        raise AhasdError(
            f"model {path}: config.json: vocab_size is {size!r}; must be a whole number of at least 1"
        )
    with torch.inference_mode():
        logits = model(torch.tensor([[0, size - 1]], device=model.device)).logits
    if logits.shape[-1] != size:
        raise AhasdError(
            f"model {path}: gives {logits.shape[-1]} logits, and its config.json says vocab_size {size}"
        )
    if bool(torch.isnan(logits).any()) or bool(torch.isposinf(logits).any()):
        raise AhasdError(
            f"model {path}: its logits are not numbers; take another --dtype (float32, bfloat16), or get the model "
            "again"
        )


@contextmanager
def without_progress_bars() -> Iterator[None]:
    """Keep the bars of transformers off stderr while a model loads, and leave the setting as it was."""
    logging = transformers.utils.logging
    if not logging.is_progress_bar_enabled():
        yield
        return
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.enable_progress_bar()
