"""A draft and a target that can decode together."""

import os
from dataclasses import dataclass

from ahasd.errors import AhasdError
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.zoo import load_model, zoo_names


@dataclass(frozen=True, slots=True)
class ModelPair:
    """Draft and target of speculative decoding.

    Their tokenizers must be of one family, since the target tests the draft's token numbers; padded
    vocabulary sizes may differ. A draft that is larger than the target is allowed: whether it pays is the
    result's affair.

    Raises
    ------
    AhasdError
        The tokenizers differ.
    """

    draft: ModelSpec
    target: ModelSpec

    def __post_init__(self) -> None:
        if self.draft.tokenizer != self.target.tokenizer:
            raise AhasdError(
                "draft and target need the same tokenizer: "
                f"{_vocabulary(self.draft)}, {_vocabulary(self.target)}" + _advice(self.draft, self.target)
            )

    @property
    def name(self) -> str:
        """Name of the pair, draft first, as the command line spells it."""
        return f"{self.draft.name}:{self.target.name}"

    @property
    def unchecked(self) -> list[str]:
        """Names of the members whose tokenizer is only assumed; none if both are one model."""
        members = () if self.draft == self.target else (self.draft, self.target)
        return [spec.name for spec in members if spec.tokenizer_assumed]


def _vocabulary(spec: ModelSpec) -> str:
    return f"{spec.name} has '{spec.tokenizer}' ({spec.vocabulary_size} entries)"


def _advice(*specs: ModelSpec) -> str:
    assumed = [spec.name for spec in specs if spec.tokenizer_assumed]
    if not assumed:
        return ""
    return (
        f"; that of {' and '.join(assumed)} is assumed from the config.json: lay its tokenizer.json, vocab.json or "
        "tokenizer.model beside it, or give the field tokenizer_family there"
    )


def load_pair(text: str) -> ModelPair:
    """Load a pair written ``draft:target``, each a zoo name or the path of a `config.json`, its folder, or a GGUF.

    Where a path holds a colon itself, the split is the one at which both members exist. Two zoo names may be joined
    by a hyphen, as AHASD's tables do.

    Raises
    ------
    AhasdError
        The text is no pair, a member is unknown or broken, or the tokenizers differ.
    """
    colons = [index for index, character in enumerate(text) if character == ":"] or _hyphens(text)
    splits = [(text[:index].strip(), text[index + 1 :].strip()) for index in colons]
    splits = [(draft, target) for draft, target in splits if draft and target]
    if not splits:
        raise AhasdError(
            f"'{text}' is not a pair; write DRAFT:TARGET, for example llama2-7b:llama2-13b, "
            "where each is a model's name or the path of a config.json or a .gguf file"
        )
    if len(splits) > 1:
        splits = [split for split in splits if all(_exists(member) for member in split)]
        if len(splits) != 1:
            problem = "no colon parts it into two models" if not splits else "several colons do"
            raise AhasdError(f"cannot read '{text}' as DRAFT:TARGET: {problem}; use paths without colons")
    draft, target = splits[0]
    return ModelPair(draft=load_model(draft), target=load_model(target))


def has_path(text: str) -> bool:
    """Whether a pair names files, which another machine need not have."""
    return any(mark in text for mark in ("/", "\\", ".json", ".gguf"))


def _hyphens(text: str) -> list[int]:
    """Where a hyphen parts two names of the zoo."""
    names = zoo_names()
    return [
        index
        for index, character in enumerate(text)
        if character == "-" and text[:index].lower() in names and text[index + 1 :].lower() in names
    ]


def _exists(member: str) -> bool:
    return member.lower() in zoo_names() or os.path.exists(member)
