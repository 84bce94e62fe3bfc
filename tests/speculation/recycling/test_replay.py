"""Rounds of SpecASR's parts: the transcript is always the target's, and each part does what it says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.speculation.recycling.draft_round import Recyclable, draft_round
from ahasd.speculation.recycling.drafted_token import DraftedToken
from ahasd.speculation.recycling.options import SpeechDraftOptions
from ahasd.speculation.recycling.rejected_suffix import RejectedSuffix
from ahasd.speculation.recycling.replay import replay
from ahasd.speculation.recycling.replayed_draft import ReplayedDraft
from ahasd.speculation.recycling.token_tree import ROOT, TokenTree, judge

from .made_clips import END, MadeDraft, clip_of, made_clip

words = st.lists(st.integers(1, 30), min_size=1, max_size=40)


@st.composite
def clips(draw):
    """A target's transcript, and a draft whose own differs by substitutions, insertions and deletions."""
    text = draw(words)
    heard = []
    for word in text:
        change = draw(st.sampled_from(["same"] * 6 + ["other", "drop", "add"]))
        if change == "same":
            heard.append(word)
        elif change == "other":
            heard.append(draw(st.integers(31, 40)))
        elif change == "add":
            heard += [draw(st.integers(31, 40)), word]
    unsure = draw(st.sets(st.integers(1, 40)))
    return clip_of(made_clip([*text, END], MadeDraft(heard, unsure)))


@st.composite
def options(draw):
    return SpeechDraftOptions(
        longest=draw(st.integers(1, 24)),
        truncation=draw(st.sampled_from([0.0, 0.5])),
        keep_uncertain=draw(st.booleans()),
        recycling=draw(st.sampled_from(["none", "reuse", "masked"])),
        match=draw(st.integers(1, 3)),
        window=draw(st.integers(0, 10)),
        checked_at_once=draw(st.integers(1, 8)),
        branching=draw(st.sampled_from([0.0, 0.5])),
    )


@given(clips(), options())
@settings(max_examples=200, deadline=None)
def test_every_setting_emits_the_targets_transcript(clip, chosen):
    text = [int(clip.target[0])]
    for found in replay(clip, chosen):
        accepted = [found.drafted.tree.tokens[place].token for place in found.verdict.accepted]
        assert text == clip.target[: found.start].tolist()
        text += [*accepted, found.verdict.own][: found.emitted]
    assert text == clip.target.tolist()


@given(clips(), options())
@settings(max_examples=200, deadline=None)
def test_what_is_proposed_is_drafted_reused_or_branched_and_rounds_are_no_fewer_than_mismatches(clip, chosen):
    rounds = list(replay(clip, chosen))
    for found in rounds:
        drafted = found.drafted
        assert len(drafted.tree.tokens) == drafted.drafted + drafted.reused + drafted.branched
        assert 0 <= drafted.confirmed <= drafted.drafted
        assert drafted.drafted + drafted.reused <= chosen.longest
        assert len(drafted.tree.tokens) <= chosen.most_tokens
        if chosen.recycling != "reuse":
            assert drafted.reused == 0
        if chosen.branching == 0:
            assert drafted.tree.is_chain
    mismatches = sum(1 for found in rounds if found.verdict.rejected is not None)
    assert len(rounds) <= len(clip.target)
    assert len(rounds) >= mismatches


@given(clips(), st.sampled_from([0.0, 0.5]))
@settings(max_examples=200, deadline=None)
def test_a_masked_pass_proposes_what_the_draft_would_have_written_alone_in_no_more_passes(clip, truncation):
    alone = list(replay(clip, SpeechDraftOptions(truncation=truncation)))
    masked = list(replay(clip, SpeechDraftOptions(truncation=truncation, recycling="masked")))
    assert [found.drafted.tree for found in alone] == [found.drafted.tree for found in masked]
    assert sum(len(f.draft_passes) for f in masked) <= sum(len(f.draft_passes) for f in alone)


def test_a_masked_pass_saves_passes_behind_a_substitution():
    text = list(range(1, 21))
    heard = [*text[:5], 99, *text[6:]]
    clip = clip_of(made_clip([*text, END], MadeDraft(heard)))
    alone, masked = (
        [len(f.draft_passes) for f in replay(clip, SpeechDraftOptions(longest=20, recycling=how))]
        for how in ("none", "masked")
    )
    assert len(alone) == len(masked) == 2
    # 14 words and the end remain behind the correction: at most 8 are checked at once.
    assert alone[1] == 15
    assert masked[1] == 2


def test_reuse_takes_the_rejected_suffix_behind_one_regenerated_token():
    text = list(range(1, 21))
    heard = [*text[:5], 99, *text[6:]]
    clip = clip_of(made_clip([*text, END], MadeDraft(heard)))
    first, second = replay(clip, SpeechDraftOptions(longest=20, recycling="reuse"))
    assert first.emitted == 5  # four accepted behind the first word, and the correction
    assert (second.drafted.drafted, second.drafted.reused) == (1, 14)
    assert second.draft_passes == (1,)  # the correction; what comes before it was read already
    assert second.emitted == 15


def test_truncation_ends_a_draft_with_the_first_unsure_token():
    text = list(range(1, 11))
    clip = clip_of(made_clip([*text, END], MadeDraft(text, unsure={4})))
    keeps = next(replay(clip, SpeechDraftOptions(truncation=0.5)))
    drops = next(replay(clip, SpeechDraftOptions(truncation=0.5, keep_uncertain=False)))
    assert [token.token for token in keeps.drafted.tree.tokens] == [2, 3, 4]
    assert [token.token for token in drops.drafted.tree.tokens] == [2, 3]
    assert len(drops.draft_passes) == 3


def test_a_branch_saves_the_round_where_the_runner_up_was_right():
    text = [1, 2, 1099, 4, 5, 6]
    heard = [1, 2, 99, 4, 5, 6]  # its runner-up for 99 is 1099
    clip = clip_of(made_clip([*text, END], MadeDraft(heard, unsure={99})))
    chain = list(replay(clip, SpeechDraftOptions()))
    tree = list(replay(clip, SpeechDraftOptions(branching=0.5)))
    assert len(chain) == 2
    assert len(tree) == 1
    branch = tree[0].drafted.tree
    assert [token.token for token in branch.tokens] == [2, 99, 4, 5, 6, END, 1099, 4, 5, 6, END]
    assert list(branch.parents) == [-1, 0, 1, 2, 3, 4, 0, 6, 7, 8, 9]


def test_a_tree_is_followed_along_the_tokens_that_the_target_writes():
    tokens = [DraftedToken(token, 1.0) for token in (5, 6, 7, 8, 9)]
    tree = TokenTree(tokens, [ROOT, 0, 1, 0, 3])
    choices = {ROOT: 5, 0: 8, 3: 4}
    verdict = judge(tree, choices.__getitem__)
    assert list(verdict.accepted) == [0, 3]
    assert verdict.own == 4
    assert [token.token for token in verdict.rejected.tokens] == [9]
    assert list(verdict.rejected.before) == [5, 8]


def test_a_suffix_is_in_step_at_the_expected_place_or_where_enough_agrees():
    suffix = RejectedSuffix([1, 2], [DraftedToken(token, 1.0) for token in (50, 3, 4, 5, 6)])
    assert suffix.place([60], window=10, match=2) == 1  # the correction took the rejected token's place
    assert suffix.place([60, 3], window=10, match=2) == 2
    assert suffix.place([60, 50, 3], window=10, match=2) == 2  # the correction stood before it
    assert suffix.place([60, 50, 3], window=0, match=2) is None
    assert suffix.place([60, 7], window=10, match=2) is None
    assert suffix.place([60, 3, 4, 5, 6], window=10, match=2) is None  # nothing is left


def test_a_trace_without_what_a_part_needs_is_refused():
    made = made_clip([1, 2, 3, END], MadeDraft([1, 9, 3], unsure={9}))
    clip = clip_of(made)
    object.__setattr__(clip, "after_runner_up", None)
    with pytest.raises(AhasdError, match="a tree needs"):
        list(replay(clip, SpeechDraftOptions(branching=0.5)))
    source = ReplayedDraft(clip).behind(1)
    recyclable = Recyclable(RejectedSuffix([], [DraftedToken(9, 1.0), DraftedToken(3, 1.0)]), 2)
    with pytest.raises(AhasdError, match="a masked pass needs"):
        draft_round(source, SpeechDraftOptions(recycling="masked"), recyclable, END)


@pytest.mark.parametrize(
    "wrong",
    [
        {"longest": 0},
        {"longest": 25},
        {"truncation": 1.5},
        {"branching": -0.1},
        {"recycling": "all"},
        {"match": 0},
        {"window": -1},
        {"checked_at_once": 0},
        {"most_tokens": 3},
    ],
)
def test_options_that_cannot_be_meant_are_refused(wrong):
    with pytest.raises(AhasdError):
        SpeechDraftOptions(**wrong)
