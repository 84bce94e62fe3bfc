import pytest

from ahasd.speculation.ledger import TokenLedger


def test_tokens_by_hand():
    ledger = TokenLedger(wanted=4)
    ledger.drafted += 6
    ledger.emit(accepted=0, own=0, now=5)
    assert ledger.first_emission is None
    ledger.emit(accepted=2, own=1, now=10)
    ledger.verified(2)
    assert (ledger.emitted, ledger.complete, ledger.in_flight) == (3, False, 4)
    ledger.rejected += 1
    ledger.flushed += 1
    ledger.emit(accepted=1, own=1, now=20)
    ledger.verified(1)
    assert (ledger.emitted, ledger.complete, ledger.cut, ledger.in_flight) == (5, True, 1, 1)
    assert (ledger.first_emission, ledger.last_emission) == (10, 20)
    assert ledger.accepted_histogram == {2: 1, 1: 1}
    ledger.check()


def test_a_token_with_two_fates_is_noticed():
    ledger = TokenLedger(wanted=1, drafted=1, accepted=1, flushed=1)
    with pytest.raises(AssertionError, match="more fates"):
        ledger.check()


def test_a_pass_that_is_not_in_the_histogram_is_noticed():
    ledger = TokenLedger(wanted=1, verifications=1)
    with pytest.raises(AssertionError, match="histogram"):
        ledger.check()


def test_whoever_watches_is_told_of_every_emission():
    told: list[int] = []
    ledger = TokenLedger(wanted=4, watch=told.append)
    ledger.emit(accepted=2, own=1, now=10)
    ledger.emit(accepted=0, own=1, now=20)
    assert told == [3, 4]
