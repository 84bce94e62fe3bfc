"""A draft that comes without embeddings and output layer, because it shares those of its target.

Its folder holds ``shared_draft.json`` (which target, which shape) and ``shared_draft.safetensors`` (its own layers in
half precision, the tokens that it names, and the projections from and to the target's width if it is narrower). So a
draft of a target with a large vocabulary takes a few megabytes, and none of the target's weights.
"""

from pathlib import Path
from typing import Any

from safetensors import safe_open

from ahasd.decoding.backend import torch, transformers
from ahasd.decoding.models.find_model import find_model
from ahasd.decoding.models.gguf_file import GgufFile
from ahasd.decoding.models.gguf_tokenizer import read_tokenizer
from ahasd.decoding.models.model_folder import check_model, naming, without_progress_bars
from ahasd.decoding.models.named_head import NamedHead
from ahasd.errors import AhasdError
from ahasd.text_files import DOCUMENT_BYTES, parse_json, read_text

DOCUMENT, WEIGHTS = "shared_draft.json", "shared_draft.safetensors"


def read_shared_draft(path: Path, device: str, dtype: str) -> tuple[Any, Any]:
    """Load the draft and the tokenizer of its target.

    The target's embeddings and output layer are read from its ``.gguf`` file and multiplied with the draft's
    projections, once; what runs is an ordinary Llama-shaped model of the draft's width.

    Raises
    ------
    AhasdError
        If the target is not there, or the files of the draft are damaged or do not fit to it.
    """
    document = parse_json(
        read_text(path / DOCUMENT, f"model {path}: {DOCUMENT} of", DOCUMENT_BYTES), f"{path}"
    )
    if not isinstance(document, dict) or not {"target", "config"} <= document.keys():
        raise AhasdError(f"model {path}: {DOCUMENT} does not say target and config; train the draft again")
    file = GgufFile(find_model(document["target"]))
    tokenizer = read_tokenizer(file)
    with naming(f"model {path}: cannot be read; train it again"), without_progress_bars():
        with safe_open(path / WEIGHTS, framework="pt") as opened:
            own = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 (no mapping)
        own = {name: tensor if name == "named" else tensor.float() for name, tensor in own.items()}
        embedding = file.weight("token_embd.weight")
        head = file.weight("output.weight") if "output.weight" in file.names else embedding
        named = own.pop("named").long()
        into, out_of = own.pop("into", None), own.pop("out_of", None)
        config = transformers.LlamaConfig(
            **document["config"], vocab_size=len(embedding), tie_word_embeddings=False
        )
        config.named_tokens = len(named)
        weights = own | {
            "model.embed_tokens.weight": embedding if into is None else embedding @ into.t(),
            "lm_head.weight": head[named] if out_of is None else head[named] @ out_of.t(),
            "lm_head.tokens": named,
        }
        model, found = _SharedDraft.from_pretrained(
            None,
            config=config,
            state_dict=weights,
            dtype=torch.float32 if dtype == "auto" else getattr(torch, dtype),
            output_loading_info=True,
        )
    return check_model(path, model, found, device), tokenizer


class _SharedDraft(transformers.LlamaForCausalLM):  # type: ignore[misc]  # transformers is untyped here
    """A Llama-shaped model whose head names a part of the vocabulary."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.lm_head = NamedHead(config.hidden_size, config.named_tokens, config.vocab_size)
        self.post_init()
