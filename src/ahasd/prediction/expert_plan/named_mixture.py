"""From a published name or a file to a mixture."""

from ahasd.errors import AhasdError
from ahasd.experts.mixture import Mixture, mixture_of
from ahasd.prediction.from_figures.model_figures import ModelFigures, model_figures, weight_bits
from ahasd.prediction.from_figures.named_models import TARGET_FORMAT, NamedModel, read_target
from ahasd.workload.zoo import load_model, zoo_names

#: Experts of a layer, how many a token takes, and layers with experts, by the beginnings of names: config.json of
#: each (num_experts, num_experts_per_tok, num_hidden_layers less the dense ones); Qwen3.8-Flash-Next from llama.cpp
#: PR 28544 (512, top 10, 24,576 experts in all).
_SHAPES: tuple[tuple[str, tuple[int, int, int]], ...] = (
    ("qwen3.8-flash-next", (512, 10, 48)),
    ("qwen3.6-35b-a3b", (256, 8, 40)),
    ("qwen3.5-35b-a3b", (256, 8, 40)),
    ("qwen3-30b-a3b", (128, 8, 48)),
    ("qwen3-coder-30b-a3b", (128, 8, 48)),
    ("qwen3-235b-a22b", (128, 8, 94)),
    ("qwen3-next-80b-a3b", (512, 10, 48)),
    ("qwen3-coder-next", (512, 10, 48)),
    ("gpt-oss-120b", (128, 4, 36)),
    ("gpt-oss-20b", (32, 4, 24)),
    ("glm-4.7-flash", (64, 4, 46)),
    ("glm-4.5-air", (128, 8, 45)),
    ("deepseek-v4-flash", (256, 6, 43)),
    ("deepseek-v3", (256, 8, 58)),
    ("deepseek-r1-671b", (256, 8, 58)),
    ("deepseek-v2-lite", (64, 6, 26)),
    ("mixtral-8x7b", (8, 2, 32)),
    ("mixtral-8x22b", (8, 2, 56)),
    ("olmoe", (64, 8, 16)),
    ("kimi-k2", (384, 8, 60)),
)


def read_mixture(text: str, quantisation: str | None) -> tuple[Mixture, ModelFigures]:
    """Read a name, a config.json or a GGUF file; the figures say what caches take.

    Raises
    ------
    AhasdError
        It is no mixture, or its name does not say enough.
    """
    named = NamedModel("target", text, None, quantisation)
    if named.is_file or text.lower() in zoo_names():
        figures = read_target(named)
        return mixture_of(load_model(text), figures.weight_bits), figures
    return named_mixture(text, quantisation or TARGET_FORMAT), model_figures(
        text, quantisation or TARGET_FORMAT
    )


def named_mixture(name: str, quantisation: str, stored_bytes: float | None = None) -> Mixture:
    """The mixture of a published name.

    Parameters in all and of a token, P and A, and k of n experts leave (P - A) / (1 - k/n) to the experts, the rest
    to all else.

    Raises
    ------
    AhasdError
        Its parameters or experts are not known here.
    """
    low = name.lower().rpartition("/")[2]
    shape = next((counts for start, counts in _SHAPES if low.startswith(start)), None)
    figures = model_figures(name, quantisation, stored_bytes=stored_bytes)
    if shape is None or figures.parameters is None or figures.active is None:
        raise AhasdError(
            f"how many experts '{name}' has is not known here; give the path of its config.json or .gguf, or one of "
            f"{', '.join(start for start, _ in _SHAPES)}"
        )
    experts, chosen, layers = shape
    routed = (figures.parameters - figures.active) / (1 - chosen / experts)
    if stored_bytes is None:
        stored_bytes = figures.parameters * weight_bits(quantisation) / 8
    each = stored_bytes / figures.parameters
    return Mixture(
        name,
        layers,
        experts,
        chosen,
        routed * each / layers / experts,
        (figures.parameters - routed) * each,
        stored_bytes,
    )
