"""The layers of a model of transformers that route each token to some of many experts."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.errors import AhasdError

_LAYER = re.compile(r"\blayers\.(\d+)\.")

#: Layers look ahead this far at most; the published method looks one to three ahead (AdapMoE, arXiv 2408.10284).
MOST_AHEAD = 3


@dataclass(frozen=True, slots=True)
class RoutedLayer:
    """One layer with experts.

    Parameters
    ----------
    layer
        Its number in the model, dense layers counted.
    name
        Of its experts' module, such as ``model.layers.0.mlp.experts``.
    parent
        The module that holds router and experts.
    router
        Gives logits (tokens, experts), weights (tokens, chosen) and ids (tokens, chosen) of a hidden state.
    experts
        The module that is given a hidden state, ids and weights.
    count, chosen
        Experts there are, and those that a token goes to.
    """

    layer: int
    name: str
    parent: Any
    router: Any
    experts: Any
    count: int
    chosen: int

    def choice(self, hidden: Any) -> Any:
        """Ids (tokens, chosen) that the router picks for hidden states (tokens, width), without its hooks."""
        return self.router.forward(hidden)[2]

    @property
    def scores_of(self) -> Callable[[Any], Any]:
        """From the router's logits to its scores: sigmoid where the model scores each expert apart, else softmax.

        A model says so by a bias that only such routers have (DeepSeek-V3, arXiv 2412.19437, section 2.1.2).
        """
        if hasattr(self.router, "e_score_correction_bias"):
            return lambda logits: logits.float().sigmoid()
        return lambda logits: logits.float().softmax(-1)


def is_experts(module: Any) -> bool:
    """Whether a module holds the weights of all experts of a layer, as transformers 5 lays them out: in stacks."""
    count = getattr(module, "num_experts", None)
    stacks = [weight for weight in module.parameters(recurse=False) if weight.ndim == 3]
    return isinstance(count, int) and bool(stacks) and all(len(stack) == count for stack in stacks)


def routed_layers(model: Any, name: str, experts: Callable[[Any], bool] = is_experts) -> list[RoutedLayer]:
    """Find them, first layer first.

    Parameters
    ----------
    model
        A causal model of transformers.
    name
        What messages call it.
    experts
        Tells the modules of experts from others.

    Raises
    ------
    AhasdError
        There are none, or a router is one that is not understood.
    """
    found = []
    modules = dict(model.named_modules())
    for path, module in modules.items():
        if not experts(module):
            continue
        number = _LAYER.search(path)
        parent = modules[path.rpartition(".")[0]]
        router = next((child for child in parent.children() if _routes(child, module.num_experts)), None)
        if number is None or router is None:
            raise AhasdError(
                f"model '{name}' ({model.config.model_type}): {path} has experts, and no router beside them that "
                "gives logits, weights and ids; mixtures laid out as Mixtral, Qwen-MoE, OLMoE, DeepSeek, GraniteMoE "
                "and gpt-oss are in transformers 5 can be used"
            )
        found.append(
            RoutedLayer(
                int(number[1]), path, parent, router, module, int(module.num_experts), _chosen(router, model)
            )
        )
    if not found:
        raise AhasdError(
            f"model '{name}' ({model.config.model_type}) has no layer that routes tokens to experts; "
            "give a mixture of experts"
        )
    if len({(layer.count, layer.chosen) for layer in found}) > 1:
        raise AhasdError(
            f"model '{name}': its layers have different numbers of experts, which is not supported"
        )
    return sorted(found, key=lambda layer: layer.layer)


def _routes(module: Any, experts: int) -> bool:
    weight = getattr(module, "weight", None)
    return (
        weight is not None
        and weight.ndim == 2
        and len(weight) == experts
        and not isinstance(module, torch.nn.Linear)
        and not is_experts(module)
    )


def _chosen(router: Any, model: Any) -> int:
    config = model.config.get_text_config()
    for value in (getattr(router, "top_k", None), getattr(config, "num_experts_per_tok", None)):
        if isinstance(value, int) and value > 0:
            return value
    raise AhasdError(f"{type(router).__name__} does not say how many experts a token goes to")
