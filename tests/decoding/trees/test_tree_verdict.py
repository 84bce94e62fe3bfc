"""The verdict on a tree: its path is one of the tree, and what it draws is distributed as the target's text."""

import numpy as np
import pytest
import torch

from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.rules.build_rule import build_rule
from ahasd.decoding.trees.tree_verdict import judge_tree
from ahasd.speculation.trees.token_tree import NO_TREE, ROOT, TokenTree

SIZE = 5
TREE = TokenTree((ROOT, ROOT, 0, 0, 1, 2), (0, 1, 0, 1, 0, 0))
#: By node: two candidates behind the root, two behind the first of them, one behind the second, one deeper.
TOKENS = (3, 1, 0, 2, 4, 1)
ENOUGH = 1e-3
"""A right verdict falls below this once in a thousand seeds; the seeds here are fixed."""


def table(seed=2):
    """Logits by the token before: a first-order Markov model."""
    return torch.randn(SIZE, SIZE, generator=torch.Generator().manual_seed(seed))


def logits_at_nodes(logits, root):
    return torch.stack([logits[root], *(logits[token] for token in TOKENS)])


def rule_of(seed, **fields):
    return build_rule(GenerationRequest(do_sample=True, seed=seed, **fields), SIZE, "target")


def drawn(judge, logits, root, runs=4000, **fields):
    """How often each pair of next tokens comes, the second drawn alone where the verdict gives only one."""
    pairs = np.zeros((SIZE, SIZE), dtype=int)
    for seed in range(runs):
        rule = rule_of(seed, **fields)
        verdict = judge(rule, TREE, TOKENS, logits_at_nodes(logits, root), [root])
        new = [*(TOKENS[node] for node in verdict.path), verdict.own_token]
        if len(new) == 1:
            new.append(rule.own(logits[new[0]], [root, *new]).own_token)
        pairs[new[0], new[1]] += 1
    return pairs


def p_value(pairs, logits, root):
    p = logits.double().softmax(-1).numpy()
    expected = (p[root][:, None] * p).ravel() * pairs.sum()
    statistic = ((pairs.ravel() - expected) ** 2 / expected).sum()
    degrees = SIZE * SIZE - 1
    return float(torch.special.gammaincc(torch.tensor(degrees / 2.0), torch.tensor(statistic / 2)))


def test_draws_are_distributed_as_the_target_s():
    logits = table()
    assert p_value(drawn(judge_tree, logits, 2), logits, 2) > ENOUGH


def greedy_first(rule, tree, tokens, logits, text):
    """A wrong verdict: it takes the likeliest child with the probability of all children together."""
    p = logits[0].softmax(-1)
    children = tree.children[ROOT]
    share = sum(float(p[tokens[child]]) for child in children)
    if np.random.default_rng(rule._generator.integers(2**32)).random() < share:
        node = max(children, key=lambda child: float(p[tokens[child]]))
        return type(judge_tree(rule, NO_TREE, (), logits, text))(
            (node,), rule.own(logits[node + 1], [*text, tokens[node]]).own_token, (), False
        )
    return judge_tree(rule, NO_TREE, (), logits, text)


def test_a_wrong_verdict_is_seen_in_the_draws():
    logits = table()
    assert p_value(drawn(greedy_first, logits, 2), logits, 2) < 1e-6


@pytest.mark.parametrize("seed", range(20))
def test_the_accepted_path_is_one_of_the_tree_and_goes_as_far_as_it_can(seed):
    logits = table(seed)
    verdict = judge_tree(rule_of(seed), TREE, TOKENS, logits_at_nodes(logits, 2), [2])
    at = ROOT
    for node in verdict.path:
        assert TREE.parents[node] == at
        at = node
    assert verdict.own_token not in [TOKENS[child] for child in TREE.children.get(at, ())]
    assert len(verdict.judgements) == len(verdict.path) + 1


@pytest.mark.parametrize("root", range(SIZE))
def test_greedy_verdicts_follow_the_best_tokens(root):
    logits = table()
    rule = build_rule(GenerationRequest(), SIZE, "target")
    verdict = judge_tree(rule, TREE, TOKENS, logits_at_nodes(logits, root), [root])
    text = [root]
    for _ in range(len(verdict.path) + 1):
        text.append(int(logits[text[-1]].argmax()))
    assert [*(TOKENS[node] for node in verdict.path), verdict.own_token] == text[1:]


def test_a_pass_without_a_tree_gives_the_target_s_own_token():
    logits = table()
    verdict = judge_tree(build_rule(GenerationRequest(), SIZE, "target"), NO_TREE, (), logits[2][None], [2])
    assert (verdict.path, verdict.own_token) == ((), int(logits[2].argmax()))


def test_candidates_of_one_place_are_refused_together_and_a_path_to_a_leaf_is_not():
    logits = torch.full((1 + len(TOKENS), SIZE), -9.0)
    first = TREE.children[ROOT][0]
    absent = next(
        token for token in range(SIZE) if token not in {TOKENS[each] for each in TREE.children[ROOT]}
    )
    rule = build_rule(GenerationRequest(do_sample=False), SIZE, "target")
    logits[0, absent] = 9.0
    found = judge_tree(rule, TREE, TOKENS, logits, [2])
    assert (found.path, found.refused) == ((), True)
    logits[0, absent] = -9.0
    node = ROOT
    while node in TREE.children:  # down to a leaf
        child = TREE.children[node][0]
        logits[node + 1, TOKENS[child]] = 9.0
        node = child
    found = judge_tree(rule, TREE, TOKENS, logits, [2])
    assert found.path[0] == first
    assert found.path[-1] == node
    assert not found.refused
