"""A model of transformers in memory, without the weights of its experts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ahasd.decoding.backend import torch, transformers
from ahasd.decoding.experts.routed_layers import is_experts
from ahasd.decoding.models.model_folder import SHOWN, check_files, naming
from ahasd.errors import AhasdError


def load_without_experts(
    folder: Path, device: str, dtype: str, trust_remote_code: bool = False
) -> tuple[Any, Any, Any]:
    """Load everything but the experts, by transformers' own loading.

    Parameters
    ----------
    folder
        Of the model.
    device, dtype
        Of torch; dtype "auto" for that of the file.

    Returns
    -------
    model
        On its device, in evaluation mode; its modules of experts have no weights.
    blank
        The same model without memory, whose experts still have their shapes.
    tokenizer

    Raises
    ------
    AhasdError
        The folder holds no model that transformers can load, the model has no experts, or the files lack weights.
    """
    check_files(folder)
    common: dict[str, Any] = {"local_files_only": True, "trust_remote_code": trust_remote_code}
    with naming(f"model {folder}: transformers cannot load it"), _quietly():
        config = transformers.AutoConfig.from_pretrained(folder, **common)
        if getattr(config, "quantization_config", None) is not None:
            raise AhasdError(
                f"model {folder}: is quantised (quantization_config in its config.json); experts are read as they "
                "lie in the files, so unpack it to float16 or bfloat16 first"
            )
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **common)
        with torch.device("meta"):
            blank = transformers.AutoModelForCausalLM.from_config(config, trust_remote_code=trust_remote_code)
        kinds = {type(module) for module in blank.modules() if is_experts(module)}
        if not kinds:
            raise AhasdError(
                f"model {folder} ({config.model_type}) keeps no stacks of experts; give a mixture of experts"
            )
        with _bare(kinds):
            model, found = transformers.AutoModelForCausalLM.from_pretrained(
                folder, dtype=dtype, output_loading_info=True, **common
            )
        missing = sorted(found["missing_keys"])
        if missing:
            others = f" and {len(missing) - SHOWN} others" if len(missing) > SHOWN else ""
            raise AhasdError(
                f"model {folder}: lacks the weights {', '.join(missing[:SHOWN])}{others}; get or save it again"
            )
        model = model.to(device).eval()
        _own(model)
        return model, blank, tokenizer


def _own(model: Any) -> None:
    """Copy weights that transformers left in a mapped file: a file cut off later would end the process there."""
    for tensor in (*model.parameters(), *model.buffers()):
        tensor.data = tensor.data.clone()


@contextmanager
def _bare(kinds: set[type]) -> Iterator[None]:
    """Let these classes build their modules without weights."""
    built: dict[type, Callable[..., None]] = {kind: kind.__init__ for kind in kinds}  # type: ignore[misc]
    for kind, init in built.items():
        kind.__init__ = _without_weights(init)  # type: ignore[misc]
    try:
        yield
    finally:
        for kind, init in built.items():
            kind.__init__ = init  # type: ignore[misc]


def _without_weights(init: Callable[..., None]) -> Callable[..., None]:
    def bare(self: Any, *arguments: Any, **named: Any) -> None:
        with torch.device("meta"):
            init(self, *arguments, **named)
        for name, _ in list(self.named_parameters(recurse=False)):
            delattr(self, name)
        self._is_hf_initialized = True  # else transformers would draw weights for it

    return bare


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep transformers from reporting that the experts were not loaded, and its bars off stderr."""
    logging = transformers.utils.logging
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
