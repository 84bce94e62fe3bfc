"""A mixture of experts grown from the tiny target: its attention, and experts cut out of its feed-forward."""

import time
from collections.abc import Iterator
from typing import Self

import torch
import torch.nn.functional as F  # noqa: N812 (the name everybody uses)
from transformers import LlamaForCausalLM, MixtralConfig, MixtralForCausalLM

from tiny_pair.data import CONTEXT, VOCABULARY
from tiny_pair.muon import Muon
from tiny_pair.training import rate_at

EXPERTS = 16
CHOSEN = 2

#: Inner width of an expert; 16 of them in four layers and half precision are 6.3 MB (ours).
INNER = 128

#: Weight of the balance loss, that of Mixtral's configuration class in its first release; Switch has 0.01.
BALANCE = 0.02


def new_mixture(layers: int) -> MixtralForCausalLM:
    """Make an untrained model of Mixtral's layout: d = 128, 4 heads, 16 experts of inner width 128, two chosen."""
    config = MixtralConfig(
        vocab_size=VOCABULARY,
        hidden_size=128,
        intermediate_size=INNER,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=4,
        head_dim=32,
        num_local_experts=EXPERTS,
        num_experts_per_tok=CHOSEN,
        max_position_embeddings=CONTEXT,
        rms_norm_eps=1e-6,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=0,
        sliding_window=None,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        attn_implementation="sdpa",
        experts_implementation="eager",
        output_router_logits=False,
        tokenizer_family="ahasd-tiny",  # read by ahasd's own model specifications
    )
    return MixtralForCausalLM(config)


def mixture_of(target: LlamaForCausalLM, seed: int) -> MixtralForCausalLM:
    """Grow a mixture from a dense model ("sparse upcycling", Komatsuzaki et al. 2212.05055, with smaller experts).

    Everything but the feed-forward is copied. Each expert gets its own random selection of the feed-forward's
    neurons, scaled so that two experts of weight one half give the dense layer's output on average; what tells
    experts apart, and the routers, are learnt.
    """
    draws = torch.Generator().manual_seed(seed)
    mixture = new_mixture(target.config.num_hidden_layers)
    body, dense = mixture.model, target.model
    with torch.no_grad():
        body.embed_tokens.weight.copy_(dense.embed_tokens.weight)
        body.norm.weight.copy_(dense.norm.weight)
        for layer, source in zip(body.layers, dense.layers, strict=True):
            layer.self_attn.load_state_dict(source.self_attn.state_dict())
            layer.input_layernorm.load_state_dict(source.input_layernorm.state_dict())
            layer.post_attention_layernorm.load_state_dict(source.post_attention_layernorm.state_dict())
            neurons = source.mlp.gate_proj.weight.shape[0]
            for expert in range(EXPERTS):
                kept = torch.randperm(neurons, generator=draws)[:INNER]
                experts = layer.mlp.experts
                experts.gate_up_proj[expert, :INNER].copy_(source.mlp.gate_proj.weight[kept])
                experts.gate_up_proj[expert, INNER:].copy_(source.mlp.up_proj.weight[kept])
                experts.down_proj[expert].copy_(source.mlp.down_proj.weight[:, kept] * (neurons / INNER))
            torch.nn.init.normal_(layer.mlp.gate.weight, std=0.02, generator=draws)
    return mixture


class RouterLogits:
    """Collects what every router of a model says, in the order of the layers, while it is entered."""

    def __init__(self, model: MixtralForCausalLM) -> None:
        self._routers = [layer.mlp.gate for layer in model.model.layers]
        self._found: list[torch.Tensor] = []
        self._hooks: list[torch.utils.hooks.RemovableHandle] = []

    def __enter__(self) -> Self:
        self._hooks = [router.register_forward_hook(self._keep) for router in self._routers]
        return self

    def __exit__(self, *_: object) -> None:
        for hook in self._hooks:
            hook.remove()

    def _keep(self, _module: torch.nn.Module, _inputs: object, outputs: tuple[torch.Tensor, ...]) -> None:
        self._found.append(outputs[0])

    def take(self) -> list[torch.Tensor]:
        """Give the logits (tokens, experts) of every layer of the last forward."""
        found, self._found = self._found, []
        return found


def balance_loss(logits: torch.Tensor) -> torch.Tensor:
    """Give E · Σ fᵢ·Pᵢ of one layer (Switch transformer, equations 4 to 6): 1 for even loads, E for one expert.

    Each layer has its own; that of transformers adds the loads of all layers first, so that the excess of a layer
    can make up for the lack of another.
    """
    probabilities = logits.float().softmax(-1)
    chosen = probabilities.topk(CHOSEN, dim=-1).indices
    loads = F.one_hot(chosen, EXPERTS).float().mean(dim=(0, 1))
    return EXPERTS * (loads * probabilities.mean(0)).sum()


def train_mixture(model: MixtralForCausalLM, batches: Iterator[torch.Tensor], steps: int) -> None:
    """Train in place, as the pair is: Muon for the matrices, at half its rate, and AdamW for the rest."""
    model.train()
    named = list(model.named_parameters())
    adam = [p for name, p in named if p.ndim < 2 or "embed" in name or name.endswith("gate.weight")]
    matrices = [p for _, p in named if all(p is not other for other in adam)]
    optimizers: list[tuple[torch.optim.Optimizer, float]] = [
        (Muon(matrices, lr=0.01, momentum=0.95, weight_decay=0.01), 0.01),
        (torch.optim.AdamW(adam, lr=3e-3, betas=(0.9, 0.95), weight_decay=0.0), 3e-3),
    ]
    begin = time.process_time()
    with RouterLogits(model) as routers:
        for step in range(steps):
            window = next(batches)
            logits = model(window[:, :-1], use_cache=False).logits.flatten(0, 1)
            data_loss = F.cross_entropy(logits, window[:, 1:].flatten())
            balance = torch.stack([balance_loss(layer) for layer in routers.take()]).mean()
            (data_loss + BALANCE * balance).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for optimizer, full in optimizers:
                optimizer.param_groups[0]["lr"] = full * rate_at(step, steps, True)
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
            if (step + 1) % max(1, steps // 20) == 0:
                print(
                    f"mixture: step {step + 1}/{steps}, loss {data_loss.item():.3f}, balance {balance.item():.3f}, "
                    f"{time.process_time() - begin:.0f} CPU s",
                    flush=True,
                )
    model.eval()
