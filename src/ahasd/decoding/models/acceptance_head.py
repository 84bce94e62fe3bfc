"""The acceptance head of SpecDec++ (arXiv 2405.19715), which predicts the verdict on the token just consumed."""

import os
from pathlib import Path
from typing import Any

import safetensors.torch
from safetensors import safe_open

from ahasd.decoding.backend import torch
from ahasd.decoding.models.model_folder import naming
from ahasd.errors import AhasdError

#: Where the head lies in the folder of its draft.
FILE_NAME = "acceptance_head.safetensors"

FORMAT_NAME = "ahasd-acceptance-head"

#: Residual blocks of the best published head (README of the authors' code, Kaffaljidhmah2/SpecDec_pp).
BLOCKS = 3


class AcceptanceHead(torch.nn.Module):  # type: ignore[misc]  # torch is untyped here
    """Residual blocks x + SiLU(W·x + b), then a linear layer to two logits, of rejection and of acceptance.

    It reads the draft's last hidden state (after the final norm) at the position of a drafted token, that is,
    after the draft has consumed it, and predicts whether the target accepts that very token. The state that
    the token was drawn *from* does not know which token it was.

    Beside the state it reads the logarithm of the probability that the draft gave the token (ours). The
    published head is for drafts of 32 layers, whose states know that; the state of a one-layer draft behind a
    token hardly tells how surprising the token was. AUC of accepted tokens on texts that were not trained on,
    distilled tiny draft: state alone 0.57 (no better than the entropy), probability alone 0.62, both 0.65.

    The blocks have weights of their own, as in the paper's figure. (The authors' code puts one block in the
    list several times over, so that its blocks share their weights.)

    Parameters
    ----------
    width
        Hidden size of the draft.
    blocks
        Number of residual blocks.
    """

    def __init__(self, width: int, blocks: int = BLOCKS) -> None:
        super().__init__()
        inputs = width + 1
        self.blocks = torch.nn.ModuleList([torch.nn.Linear(inputs, inputs) for _ in range(blocks)])
        self.out = torch.nn.Linear(inputs, 2)

    @property
    def width(self) -> int:
        """Hidden size of the draft it belongs to."""
        return int(self.out.in_features) - 1

    def forward(self, states: Any, probability: Any) -> Any:
        """Give the logits (..., 2).

        Parameters
        ----------
        states
            Hidden states behind the tokens, (..., width).
        probability
            The draft's probability of each token, above 0, (...).
        """
        x = torch.cat([states, probability.log()[..., None]], dim=-1).float()
        for block in self.blocks:
            x = x + torch.nn.functional.silu(block(x))
        return self.out(x)

    def acceptance(self, states: Any, probability: Any) -> Any:
        """Give the predicted probability of acceptance (...); parameters as in `forward`."""
        return torch.softmax(self(states, probability), dim=-1)[..., 1]


def save_head(head: AcceptanceHead, folder: Path) -> None:
    """Write a head in half precision into the folder of its draft."""
    tensors = {name: tensor.detach().half().contiguous() for name, tensor in head.state_dict().items()}
    (folder / FILE_NAME).write_bytes(safetensors.torch.save(tensors, {"format": FORMAT_NAME}))


def load_head(folder: Path, width: int) -> AcceptanceHead | None:
    """Read the head that lies with a draft, in single precision.

    Parameters
    ----------
    folder
        The folder of the draft.
    width
        Hidden size of the draft.

    Returns
    -------
    AcceptanceHead or None
        None if the draft has none.

    Raises
    ------
    AhasdError
        If the file is not a head or belongs to a draft of another width.
    """
    path = folder / FILE_NAME
    if not os.path.lexists(path):
        return None
    if not path.is_file():
        raise AhasdError(f"acceptance head {path}: not an ordinary file; remove it")
    with naming(f"acceptance head {path}: cannot be read; train it again"):
        with safe_open(path, framework="pt") as file:
            if (file.metadata() or {}).get("format") != FORMAT_NAME:
                raise AhasdError(f"acceptance head {path}: its metadata does not say format = {FORMAT_NAME}")
            names = file.keys()
            tensors = {name: file.get_tensor(name).float() for name in names}
        found = int(tensors["out.weight"].shape[1]) - 1
        if found != width:
            raise AhasdError(
                f"acceptance head {path}: made for a hidden size of {found}, the draft has {width}; "
                "train one for this draft or remove the file"
            )
        head = AcceptanceHead(width, sum(name.endswith("weight") for name in tensors) - 1)
        head.load_state_dict(tensors)
        if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors.values()):
            raise AhasdError(
                f"acceptance head {path}: has weights that are infinite or not numbers; train it again"
            )
    head.eval()
    return head
