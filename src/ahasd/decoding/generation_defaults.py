"""What a model's generation_config.json says for what a request leaves open, as transformers reads it."""

from dataclasses import dataclass, field
from typing import Any

from ahasd.decoding.backend import transformers
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.request import ADJUSTMENTS
from ahasd.errors import AhasdError

#: Fields that count when tokens are drawn, with the values that switch a filter off where that is not None.
_SAMPLING: dict[str, tuple[Any, ...]] = {
    "temperature": (),
    "top_k": (0,),
    "top_p": (1, 1.0),
    "min_p": (0, 0.0),
}

#: Fields that change the text in a way that is not done here, with the values that do not.
_NOT_DONE: dict[str, tuple[Any, ...]] = {
    "num_beams": (1,),
    "guidance_scale": (1, 1.0),
    "encoder_repetition_penalty": (1, 1.0),
    "encoder_no_repeat_ngram_size": (0,),
    "forced_bos_token_id": (),
    "forced_eos_token_id": (),
    "exponential_decay_length_penalty": (),
    "watermarking_config": (),
    "penalty_alpha": (0, 0.0),
    "dola_layers": (),
    "constraints": (),
    "force_words_ids": (),
}
_NOT_DONE_SAMPLING: dict[str, tuple[Any, ...]] = {
    "typical_p": (1, 1.0),
    "epsilon_cutoff": (0, 0.0),
    "eta_cutoff": (0, 0.0),
    "top_h": (),
}

HOW = "leave the file out by --ignore-generation-config (ignore_generation_config=True)"


@dataclass(frozen=True, slots=True)
class GenerationDefaults:
    """Fields of a request as a model's generation config has them.

    What neither says is off, or our own default (`GenerationRequest`): a ``max_length`` is not read, and there is no
    top_k of 50, which transformers adds when it draws.

    Parameters
    ----------
    name
        Of the model.
    always, sampling
        Fields for every request, and those for one that draws.
    not_done
        Fields that a request that draws would need, and that there is no code for.
    """

    name: str = ""
    always: dict[str, Any] = field(default_factory=dict)
    sampling: dict[str, Any] = field(default_factory=dict)
    not_done: dict[str, Any] = field(default_factory=dict)

    def fill(self, given: dict[str, Any]) -> dict[str, Any]:
        """Add to what a user gave what the model's config says beside it.

        Raises
        ------
        AhasdError
            If tokens are to be drawn in a way that is not done here.
        """
        fields = self.always | given
        if not fields.get("do_sample"):
            return fields
        if self.not_done:
            raise AhasdError(_refusal(self.name, self.not_done))
        return self.sampling | fields


def generation_defaults(model: LanguageModel) -> GenerationDefaults:
    """Read them.

    Raises
    ------
    AhasdError
        If the config asks for a text that is not written here.
    """
    config = getattr(model.model, "generation_config", None)
    if config is None:
        return GenerationDefaults(model.name)
    if found := _said(config, _NOT_DONE):
        raise AhasdError(_refusal(model.name, found))
    names: tuple[str, ...] = ("do_sample", "max_new_tokens", "stop_strings", *ADJUSTMENTS)
    return GenerationDefaults(
        model.name,
        _said(config, {name: () for name in names}),
        _said(config, _SAMPLING),
        _said(config, _NOT_DONE_SAMPLING),
    )


def forget_generation_config(model: LanguageModel) -> None:
    """Take everything out of a loaded model's generation config but the tokens that begin, end and pad texts."""
    config = model.model.generation_config
    kept = {name: getattr(config, name) for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
    model.model.generation_config = transformers.GenerationConfig(**kept)


def _said(config: Any, fields: dict[str, tuple[Any, ...]]) -> dict[str, Any]:
    values = {name: getattr(config, name, None) for name in fields}
    return {name: value for name, value in values.items() if value is not None and value not in fields[name]}


def _refusal(name: str, found: dict[str, Any]) -> str:
    said = ", ".join(f"{field} = {value}" for field, value in found.items())
    return f"model '{name}': its generation_config.json says {said}, which is not done here; {HOW}"
