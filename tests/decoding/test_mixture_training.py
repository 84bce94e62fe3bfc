"""The tiny mixture's training and the large one made of it."""

import math

import pytest
import torch

from ahasd.decoding.experts.offloaded_model import OffloadedModel, OffloadSettings
from ahasd.decoding.experts.offloaded_run import run_offloaded
from ahasd.decoding.models.language_model import load_language_model
from ahasd.decoding.recording.settings import RecordSettings
from ahasd.decoding.tiny_moe import load_tiny_moe, model_path


@pytest.fixture
def scripts(monkeypatch):
    from pathlib import Path

    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "scripts"))


def test_balance_is_one_for_even_loads_and_the_number_of_experts_for_one(scripts):
    from tiny_pair.mixture import CHOSEN, EXPERTS, balance_loss

    even = torch.full((EXPERTS, EXPERTS), -50.0)
    for token in range(EXPERTS):  # token t goes to t and t + 1
        even[token, [token, (token + 1) % EXPERTS]] = 0.0
    assert balance_loss(even).item() == pytest.approx(1.0)
    lopsided = torch.full((8, EXPERTS), -50.0)
    lopsided[:, :CHOSEN] = 0.0
    assert balance_loss(lopsided).item() == pytest.approx(EXPERTS / CHOSEN)


def test_a_mixture_begins_near_the_dense_model_and_a_step_changes_all_of_it(scripts, target):
    from tiny_pair.mixture import mixture_of, train_mixture

    mixture = mixture_of(target.model, seed=0)
    before = {name: weight.detach().clone() for name, weight in mixture.named_parameters()}
    assert torch.equal(mixture.model.embed_tokens.weight, target.model.model.embed_tokens.weight)
    draws = torch.Generator().manual_seed(0)
    train_mixture(mixture, iter(lambda: torch.randint(0, 1024, (1, 65), generator=draws), None), 1)
    assert all(not torch.equal(weight, before[name]) for name, weight in mixture.named_parameters())
    assert all(not layer.mlp.gate._forward_hooks for layer in mixture.model.layers)


def test_the_shipped_mixture_knows_its_text(pair):
    """Held-out loss is below the dense target's, and no router has collapsed."""
    import json

    record = json.loads((model_path() / "training.json").read_text())
    assert record["held_out_loss_nats_per_token"] < record["held_out_loss_of_the_dense_target"]
    assert max(record["routers"]["entropy_nats"]) < math.log(16)
    assert max(record["routers"]["busiest_share"]) < 0.3
    text = "    def __init__(self, name):\n        self.name = name\n    def close(self):\n        return self.name\n"
    model = load_tiny_moe()
    tokens = torch.tensor([model.tokenizer(text)["input_ids"]])
    with torch.no_grad():
        loss = model.model(tokens, labels=tokens).loss.item()
    assert loss < 2.5  # of an even guess among 1024: 6.9


def test_a_large_mixture_writes_the_text_of_the_small_one(scripts, tmp_path, monkeypatch):
    import make_large_moe

    arguments = ["make_large_moe.py", "--output", str(tmp_path / "large"), "--gigabytes", "0.03"]
    monkeypatch.setattr("sys.argv", arguments)
    make_large_moe.main()
    greedy, prompt = RecordSettings("greedy", tokens_per_prompt=16), [300, 301, 302]
    texts, sizes = [], []
    for folder in (model_path(), tmp_path / "large"):
        with OffloadedModel(folder, OffloadSettings(10**7)) as model:
            texts.append(run_offloaded(model, prompt, greedy).tokens)
            sizes.append(model.places.stored_bytes)
    assert texts[0] == texts[1]
    assert sizes == [98_304, 3 * 128 * 256 * 4]
    assert load_language_model(tmp_path / "large").model.config.intermediate_size == 256
