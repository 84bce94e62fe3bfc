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
                f"{_vocabulary(self.draft)}, {_vocabulary(self.target)}"
            )

    @property
    def name(self) -> str:
        """Name of the pair, draft first, as the command line spells it."""
        return f"{self.draft.name}:{self.target.name}"


def _vocabulary(spec: ModelSpec) -> str:
    return f"{spec.name} has '{spec.tokenizer}' ({spec.vocabulary_size} entries)"


def load_pair(text: str) -> ModelPair:
    """Load a pair written ``draft:target``, each a zoo name or the path of a `config.json` or its folder.

    Where a path holds a colon itself, the split is the one at which both members exist.

    Raises
    ------
    AhasdError
        The text is no pair, a member is unknown or broken, or the tokenizers differ.
    """
    colons = [index for index, character in enumerate(text) if character == ":"]
    splits = [(text[:index].strip(), text[index + 1 :].strip()) for index in colons]
    splits = [(draft, target) for draft, target in splits if draft and target]
    if not splits:
        raise AhasdError(
            f"'{text}' is not a pair; write DRAFT:TARGET, for example llama2-7b:llama2-13b, "
            "where each is a model's name or the path of a config.json"
        )
    if len(splits) > 1:
        splits = [split for split in splits if all(_exists(member) for member in split)]
        if len(splits) != 1:
            problem = "no colon parts it into two models" if not splits else "several colons do"
            raise AhasdError(f"cannot read '{text}' as DRAFT:TARGET: {problem}; use paths without colons")
    draft, target = splits[0]
    return ModelPair(draft=load_model(draft), target=load_model(target))


def _exists(member: str) -> bool:
    return member.lower() in zoo_names() or os.path.exists(member)
