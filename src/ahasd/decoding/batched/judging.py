"""Rules over many rows at once: the same proposals and verdicts as row by row, with fewer calls of torch."""

from collections.abc import Sequence
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.rules.rule import DecodingRule, Judgement, Proposal


def propose_rows(
    rules: Sequence[DecodingRule], logits: Any, texts: Sequence[Sequence[int]], vocabulary: int
) -> list[Proposal]:
    """Propose a token behind each text; see `DecodingRule.propose`.

    Parameters
    ----------
    logits
        Of the draft, one row for each text, float32 (texts, draft vocabulary).
    vocabulary
        Of the target.
    """
    if not all(rule.takes_best for rule in rules):
        return [rule.propose(row, text) for rule, row, text in zip(rules, logits, texts, strict=True)]
    logits = logits[:, :vocabulary]
    tokens = logits.argmax(dim=-1)
    logarithms = torch.log_softmax(logits, dim=-1)
    entropies = torch.special.entr(logarithms.exp()).sum(dim=-1)
    probabilities = logarithms.gather(-1, tokens[:, None])[:, 0].exp()
    return [
        Proposal(token, max(entropy, 0.0), probability)
        for token, entropy, probability in zip(
            tokens.tolist(), entropies.tolist(), probabilities.tolist(), strict=True
        )
    ]


def judge_rows(
    rules: Sequence[DecodingRule],
    proposals: Sequence[Sequence[Proposal]],
    logits: Any,
    texts: Sequence[Sequence[int]],
) -> list[Judgement]:
    """Judge the proposals behind each text; see `DecodingRule.judge`.

    Parameters
    ----------
    logits
        Of the target, text after text: a row before each proposal and one behind the last, float32 (all proposals +
        texts, vocabulary).
    """
    if not all(rule.takes_best for rule in rules):
        parts = logits.split([len(drafted) + 1 for drafted in proposals])
        return [
            rule.judge(drafted, part, text)
            for rule, drafted, part, text in zip(rules, proposals, parts, texts, strict=True)
        ]
    wanted = logits.argmax(dim=-1).tolist()
    first = 0
    accepted: list[tuple[int, int]] = []
    decided: list[int] = []
    for drafted in proposals:
        count = 0
        while count < len(drafted) and drafted[count].token == wanted[first + count]:
            count += 1
        accepted.append((count, wanted[first + count]))
        decided += range(first, first + count + 1)
        first += len(drafted) + 1
    if len(decided) < len(logits):
        logits = logits[decided]
    best, second = logits.topk(2, dim=-1).values.unbind(dim=-1)
    margins, best, done = (best - second).tolist(), best.tolist(), 0
    verdicts = []
    for count, own in accepted:
        end = done + count + 1
        verdicts.append(Judgement(count, own, tuple(margins[done:end]), tuple(best[done:end])))
        done = end
    return verdicts
