"""What a pair must have room for before it is placed."""

import pytest

from ahasd.errors import AhasdError
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.run import build_machine, lengths_of
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.zoo import load_model

TRACE = "synthetic:acceptance=0.8,auc=0.7,positions=800"
PROMPT = 128


def opt(name: str, positions: int) -> ModelSpec:
    return load_model(name).model_copy(
        update={"maximum_positions": positions, "learned_positions": positions}
    )


def build(target: int, draft: int, tokens: int, algorithm: str = "fixed:2") -> None:
    models = {"draft": opt("opt-1.3b", draft), "target": opt("opt-6.7b", target)}
    build_machine(
        resolve(
            RunConfiguration.checked(
                models=models, trace=TRACE, prompt_tokens=PROMPT, tokens=tokens, algorithm=algorithm
            )
        )
    )


def test_prompt_and_text_may_fill_a_position_table_and_no_more() -> None:
    build(target=200, draft=200, tokens=200 - PROMPT)
    with pytest.raises(AhasdError, match=r"opt-6\.7b has positions for 200 tokens, and the run needs 201"):
        build(target=200, draft=300, tokens=201 - PROMPT)


def test_the_draft_s_table_counts_where_there_is_a_draft() -> None:
    with pytest.raises(AhasdError, match=r"opt-1\.3b has positions for 199 tokens, and the run needs 200"):
        build(target=200, draft=199, tokens=200 - PROMPT)
    build(target=200, draft=199, tokens=200 - PROMPT, algorithm="none")


@pytest.mark.parametrize(
    ("system", "algorithm", "pending", "look_ahead"),
    [
        ("ahasd", "none", 1, 0),
        ("ahasd", "fixed:2", 1, 64),  # at least
        ("ahasd", "fixed:63", 1, 64),
        ("ahasd", "fixed:64", 1, 65),  # the longest batch and the target's own
        ("amusd", "fixed:2", 70, 70),
    ],
)
def test_caches_have_room_for_what_is_drafted_ahead(system, algorithm, pending, look_ahead) -> None:
    changes = ["system.queues.unverified_drafts=80", f"system.minimum_pending={pending}"]
    configuration = RunConfiguration.checked(
        system=system,
        algorithm=algorithm,
        trace=TRACE,
        prompt_tokens=5,
        tokens=7,
        set=changes if pending > 1 else (),
    )
    lengths = lengths_of(resolve(configuration))
    assert (lengths.prompt, lengths.generated, lengths.look_ahead) == (5, 7, look_ahead)
    assert lengths.total == 12 + look_ahead
