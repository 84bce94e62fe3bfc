"""Adding up what is speculation's: drafted tokens, queues and controllers."""

from ahasd.family.accounting import queue_occupancy
from ahasd.speculation.break_even_search import BreakEvenRate
from ahasd.speculation.drafting.own_algorithm import DraftsBy
from ahasd.speculation.results import Controllers, EdcRecord, SpeculationSection, TvcRecord
from ahasd.speculation.schedule import SpeculationOutcome
from ahasd.speculation.trees.simulated.prepare import PreparedTrees

#: ``--algorithm`` for decoding without a draft.
NO_SPECULATION = "none"


def section(
    outcome: SpeculationOutcome,
    algorithm: DraftsBy | PreparedTrees | None,
    break_even: BreakEvenRate | None,
    trace_wraps: int,
    bound: str = "",
    wasted_j: float | None = None,
) -> SpeculationSection:
    """The section of a result.

    Parameters
    ----------
    outcome
        What the schedule did.
    algorithm
        That drafted, or the trees; None for the target alone.
    break_even
        The acceptance from which it pays; None if that was not searched.
    trace_wraps
        How often the trace began anew.
    bound
        Of the system.
    wasted_j
        Energy of work that brought no token; None where energy is not known.
    """
    ledger = outcome.ledger
    length = ledger.mean_acceptance_length
    assert length is not None, "tokens were emitted"
    return SpeculationSection(
        algorithm=str(algorithm) if algorithm else NO_SPECULATION,
        algorithm_provenance=algorithm.provenance if algorithm else None,
        bound=bound,
        tokens_cut=ledger.cut,
        drafted=ledger.drafted,
        accepted=ledger.accepted,
        rejected=ledger.rejected,
        flushed=ledger.flushed,
        in_flight=ledger.in_flight,
        draft_acceptance_rate=ledger.draft_acceptance_rate,
        draft_efficiency=ledger.draft_efficiency,
        wasted=ledger.wasted,
        verifications=ledger.verifications,
        mean_acceptance_length=length,
        mean_draft_length=outcome.mean_draft_length if algorithm else None,
        accepted_histogram=dict(sorted(ledger.accepted_histogram.items())),
        joules_wasted=wasted_j,
        joules_per_wasted_token=wasted_j / ledger.wasted if ledger.wasted and wasted_j is not None else None,
        break_even_acceptance=break_even.acceptance if break_even is not None else None,
        always_pays=break_even.always if break_even is not None else None,
        queues=queue_occupancy(outcome),
        controller=controllers(outcome),
        trace_wraps=trace_wraps,
    )


def controllers(outcome: SpeculationOutcome) -> Controllers:
    """Statistics of EDC and TVC, if the schedule has them."""
    edc, tvc = outcome.edc, outcome.tvc
    return Controllers(
        edc=EdcRecord(
            decisions=edc.decisions,
            continued=edc.continued,
            stopped=edc.stopped,
            judged=edc.judged,
            correct=edc.correct,
            confusion={
                "continued_accepted": edc.continued_accepted,
                "continued_rejected": edc.continued_rejected,
                "stopped_accepted": edc.stopped_accepted,
                "stopped_rejected": edc.stopped_rejected,
            },
        )
        if edc
        else None,
        tvc=TvcRecord(
            consulted=tvc.consulted,
            inserted=tvc.inserted,
            tokens=tvc.tokens,
            useful=tvc.useful,
            rank_switches=outcome.rank_switches,
            predicted=tvc.predicted,
            mean_relative_error=tvc.mean_relative_error,
            relative_error_maximum=tvc.relative_error_maximum,
        )
        if tvc
        else None,
    )
