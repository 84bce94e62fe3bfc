"""Trees as large as the guesses at hand are worth."""

from itertools import pairwise

import pytest

from ahasd.speculation.trees.calibrated_chances import PRIOR_GUESSES, CalibratedChances
from ahasd.speculation.trees.growing.best_first import grow
from ahasd.speculation.trees.growing.likeliest_paths import GrowingTree, likeliest_paths
from ahasd.speculation.trees.guesses import Guesses
from ahasd.speculation.trees.guessing_gain import (
    CATCHING_UP,
    FIRST_REST,
    LONGEST_REST,
    SHARE_TRIED,
    TRIED,
    GuessingGain,
)
from ahasd.speculation.trees.head_accuracy import HeadAccuracy
from ahasd.speculation.trees.pass_time.size_table import SizeTable
from ahasd.speculation.trees.policies.confident import ConfidentTree

SURE, UNSURE = [0.97, 0.01, 0.005], [0.12, 0.08, 0.07]
MEAN = [[0.4, 0.1, 0.05]] * 4
SECONDS = {1: 1.0, 2: 1.02, 4: 1.2, 8: 2.4, 16: 3.0}


def policy(seconds: dict[int, float] = SECONDS, guess: float = 0.08) -> ConfidentTree:
    return ConfidentTree(
        HeadAccuracy(MEAN, along_path=True),
        SizeTable(known=dict(seconds)),
        sorted(seconds),
        lambda levels, texts: guess * levels,
    )


def at(*said: list[float], text: int = 0, deepest: int = 4) -> Guesses:
    return Guesses(said, 0, deepest, text)


def test_sure_places_get_long_paths_and_unsure_ones_the_cheapest_pass():
    chosen = policy()
    (sure,) = chosen.choose([at(SURE, SURE, SURE)])
    (unsure,) = chosen.choose([at(UNSURE, UNSURE, UNSURE)])
    assert (sure.nodes, sure.depth) == (3, 3)
    assert unsure.nodes == 1


def test_a_further_level_is_asked_for_only_behind_a_sure_guess():
    chosen = policy()
    assert chosen.levels([at()]) >= 1
    assert chosen.levels([at(SURE)]) > 1
    assert chosen.levels([at(UNSURE)]) == 1


def test_texts_of_a_batch_share_the_nodes_by_what_they_are_worth():
    sure, unsure = policy().choose([at(SURE, SURE), at(UNSURE, UNSURE, text=1)])
    assert sure.nodes > unsure.nodes
    assert 2 + sure.nodes + unsure.nodes in SECONDS


@pytest.mark.parametrize("guess", [SURE, UNSURE, [0.5, 0.3, 0.1]])
def test_the_size_is_the_best_of_all_that_are_measured(guess):
    chosen = policy()
    chances = [CalibratedChances().of(guess)] * 4
    (tree,) = chosen.choose([at(guess, guess, guess, guess)])
    gains = grow(chances, 15, spine=True).gains
    # What a second is worth: the tokens that decoding brings in it by now.
    rate = max(1.0, chosen._gain.of(chosen._expected_gain(1), 1)) / SECONDS[1]
    worth = {
        width - 1: gains[width - 1] - rate * seconds
        for width, seconds in SECONDS.items()
        if width <= len(gains)
    }
    assert worth[tree.nodes] == pytest.approx(max(worth.values()))


def test_what_is_said_is_held_against_what_was_right():
    chances = CalibratedChances()
    assert chances.of([0.55, 0.01]) == pytest.approx([0.55, 0.01])
    for _ in range(int(PRIOR_GUESSES)):
        chances.judge(0, [0.55, 0.01])
    assert chances.of([0.55])[0] == pytest.approx((0.55 + 1) / 2)
    assert chances.of([0.01])[0] == pytest.approx(0.005)
    assert chances.of([0.65])[0] == pytest.approx(0.65)


def test_the_likeliest_paths_of_several_texts_are_those_of_each_merged():
    tables = [[[0.6, 0.3], [0.5, 0.2]], [[0.4, 0.35], [0.9, 0.05]]]
    trees = [GrowingTree(table, spine=False) for table in tables]
    found = list(likeliest_paths(trees))
    assert found == sorted(found, reverse=True)
    alone = [list(grow(table, 99).path_probability) for table in tables]
    assert sorted(found) == sorted(alone[0] + alone[1])
    assert [tree.likely for tree in trees] == alone


def rounds(dear: bool, count: int, chosen: ConfidentTree) -> list[int]:
    """Levels that are guessed in each round: where it is dear, no guess is right and it takes as long as a pass."""
    found = []
    for _ in range(count):
        levels = chosen.levels([at()])
        (tree,) = chosen.choose([at(*[UNSURE if dear else SURE] * levels)])
        right = 0 if dear else tree.depth
        chosen.settled(0, right, 1.0)
        for level in range(right + 1 if levels else 0):
            if level < levels:
                chosen.judged(level, 0 if level < right else None, UNSURE if dear else SURE)
        chosen.passed(tree.nodes, SECONDS[1 + tree.nodes] + (1.0 if dear else 0.08) * levels)
        found.append(levels)
    return found


def test_guessing_stops_by_itself_and_costs_less_and_less():
    chosen = policy(guess=1.0)
    found = rounds(True, 2000, chosen)
    assert sum(map(bool, found[1000:])) <= 2 * TRIED
    assert sum(map(bool, found)) < 0.03 * len(found)


def test_guessing_begins_again_where_guesses_become_right():
    chosen = policy()
    gain = chosen._gain
    for _ in range(100):
        gain.took(0.5, 1.0, 1.0)
    assert all(rounds(False, 1, chosen))  # a trial
    found = rounds(False, 600, chosen)
    assert 0 in found
    assert all(found[-50:])


def tries(loss: float, rows: int, rounds: int = 1000) -> list[int]:
    """Rounds in which trials begin where guesses lose so much."""
    gain, said = GuessingGain(), []
    for _ in range(rounds):
        said.append(gain.guesses(0.5, loss, rows))
        if said[-1]:
            gain.took(1.0, 1.0 + loss, 1.0)
    return [place for place, now in enumerate(said) if now and (place == 0 or not said[place - 1])]


def test_a_gain_that_guesses_do_not_have_is_tried_at_doubling_intervals():
    starts = tries(0.0, 1, 4000)
    rests = [b - a - TRIED for a, b in pairwise(starts)]
    # What a trial takes has to be saved up before, too.
    least = CATCHING_UP / SHARE_TRIED
    assert rests == [
        pytest.approx(max(least, min(FIRST_REST * 2**number, LONGEST_REST)), abs=TRIED)
        for number in range(1, len(starts))
    ]


@pytest.mark.parametrize("rows", [1, 4, 16])
def test_trials_take_a_small_share_of_the_rounds(rows):
    starts = tries(0.5, rows, 4000)
    assert starts
    price = CATCHING_UP + 0.5 * max(1, TRIED // rows)
    assert starts[0] == pytest.approx(price / SHARE_TRIED, abs=1)
    assert price * len(starts) <= SHARE_TRIED * 4000


def test_several_texts_need_more_than_one():
    assert not GuessingGain().guesses(1.02, 0.1, 16)
    assert GuessingGain().guesses(1.02, 0.1, 1)
