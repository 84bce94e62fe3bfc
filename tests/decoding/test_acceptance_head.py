"""Acceptance heads on disk."""

import pytest
import safetensors.torch
import torch

from ahasd.decoding.models.acceptance_head import BLOCKS, FILE_NAME, AcceptanceHead, load_head, save_head
from ahasd.decoding.models.language_model import load_language_model
from ahasd.decoding.tiny_pair import draft_path, target_path
from ahasd.errors import AhasdError


def test_a_head_comes_back_in_half_precision(tmp_path):
    torch.manual_seed(0)
    head = AcceptanceHead(width=8, blocks=2)
    save_head(head, tmp_path)
    again = load_head(tmp_path, width=8)
    assert (again.width, len(again.blocks)) == (8, 2)
    for name, tensor in head.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], tensor.half().float())


def test_the_shipped_drafts_have_heads_and_the_target_has_none():
    for draft in ("distilled", "plain"):
        head = load_language_model(draft_path(draft)).acceptance_head
        assert (head.width, len(head.blocks)) == (128, BLOCKS)
        assert (draft_path(draft) / FILE_NAME).stat().st_size < 110_000
    assert load_language_model(target_path()).acceptance_head is None


def test_a_folder_without_a_head_is_no_error(tmp_path):
    assert load_head(tmp_path, width=8) is None


def test_heads_that_do_not_fit_are_refused(tmp_path):
    save_head(AcceptanceHead(width=8), tmp_path)
    with pytest.raises(AhasdError, match=r"hidden size of 8, the draft has 16; train one for this draft or"):
        load_head(tmp_path, width=16)
    path = tmp_path / FILE_NAME
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(AhasdError, match=r"cannot be read; train it again"):
        load_head(tmp_path, width=8)
    safetensors.torch.save_file({"out.weight": torch.zeros(2, 9)}, path)
    with pytest.raises(AhasdError, match="does not say format = ahasd-acceptance-head"):
        load_head(tmp_path, width=8)
    safetensors.torch.save_file({"out.weight": torch.zeros(2, 9)}, path, {"format": "ahasd-acceptance-head"})
    with pytest.raises(AhasdError, match=r"cannot be read; train it again .*out\.bias"):
        load_head(tmp_path, width=8)
