"""Systems that cannot be, refused with what to change; and those just beside them that can."""

from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.speculation.options.read import SYSTEMS, parse_system
from ahasd.speculation.options.system import AnySystem

NAMED = {"name": "mine", "description": "by hand"}


def system(schedule: str, **options: Any) -> AnySystem:
    return parse_system({**NAMED, "schedule": schedule, **options})


def asynchronous(**options: Any) -> AnySystem:
    return system("asynchronous", **{"target_device": "npu", "draft_device": "pim", "aau": True} | options)


def on_gpus(**options: Any) -> AnySystem:
    return system("asynchronous", target_device="gpu", draft_device="gpu2", **options)


REFUSED = [
    # Where what is computed in memory lies.
    (
        "serial",
        {"target_device": "npu", "draft_device": "npu", "placement": "interleaved"},
        "placement places models",
    ),
    (
        "serial",
        {"target_device": "npu", "draft_device": "npu", "target_ranks": "0"},
        "target_ranks places models",
    ),
    ("serial", {"target_device": "npu", "draft_device": "npu", "aau": True}, "aau belongs to the pim"),
    (
        "serial",
        {"target_device": "npu", "draft_device": "pim", "placement": "interleaved", "draft_ranks": "0"},
        "leave out target_ranks and draft_ranks",
    ),
    # Host and PIM together.
    (
        "serial",
        {"target_device": "npu", "draft_device": "npu", "operators": "split"},
        "the devices must be npu",
    ),
    (
        "serial",
        {"target_device": "npu+pim", "draft_device": "npu", "placement": "interleaved"},
        "together run both models",
    ),
    ("serial", {"target_device": "npu+pim", "draft_device": "npu+pim"}, "placement must be interleaved"),
    (
        "serial",
        {
            "target_device": "gpu+pim",
            "draft_device": "gpu+pim",
            "placement": "interleaved",
            "operators": "split",
            "aau": True,
        },
        "npu.pim without aau",
    ),
    # In step with each other.
    (
        "pearl",
        {"target_device": "npu", "draft_device": "npu"},
        "drafts on one device and verifies on another",
    ),
    ("pearl", {"target_device": "npu", "draft_device": "pim"}, "needs aau: the NPU verifies meanwhile"),
    # Decoupled.
    (
        "asynchronous",
        {"target_device": "pim", "draft_device": "npu", "aau": True},
        "drafts on the pim and verifies",
    ),
    (
        "asynchronous",
        {"target_device": "gpu", "draft_device": "gpu"},
        "two devices with memories of their own",
    ),
    ("asynchronous", {"target_device": "gpu", "draft_device": "gpu2", "tvc": True}, "this system lacks one"),
    ("asynchronous", {"target_device": "gpu", "draft_device": "pim"}, "a pim without an npu needs aau"),
    (
        "asynchronous",
        {"target_device": "npu", "draft_device": "pim", "control": "exact"},
        "control exact governs an asynchronous schedule with aau",
    ),
]


@pytest.mark.parametrize(("schedule", "options", "said"), REFUSED)
def test_devices_that_cannot_work_so_are_refused(schedule: str, options: dict[str, Any], said: str) -> None:
    with pytest.raises(AhasdError, match=said):
        system(schedule, **options)


def test_those_beside_them_can() -> None:
    system("serial", target_device="npu", draft_device="pim", placement="interleaved")
    system("serial", target_device="npu", draft_device="pim", draft_ranks="0")
    system("autoregressive", target_device="npu", target_ranks="0")
    for together, operators in (("npu+pim", "split"), ("npu+pim", "mapped"), ("gpu+pim", "mapped")):
        system(
            "serial",
            target_device=together,
            draft_device=together,
            placement="interleaved",
            operators=operators,
        )
    system("pearl", target_device="npu", draft_device="pim", aau=True)
    system("pearl", target_device="pim", draft_device="npu")
    system("asynchronous", target_device="npu", draft_device="pim")
    system("asynchronous", target_device="gpu", draft_device="pim", aau=True)
    on_gpus(control="paper", minimum_pending=2)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"control": "goodput", "edc": True}, "leaves nothing to edc, tvc and minimum_pending"),
        ({"control": "goodput", "tvc": True}, "leaves nothing to edc, tvc and minimum_pending"),
        ({"control": "goodput", "minimum_pending": 2}, "leaves nothing to edc, tvc and minimum_pending"),
        ({"look_ahead_limit": 3, "minimum_pending": 4}, "look_ahead_limit must leave room"),
        ({"minimum_pending": 2, "edc": True}, "goes on without EDC"),
        ({"minimum_pending": 2, "tvc": True}, "goes on without EDC"),
        (
            {"minimum_pending": 5, "queues": {"unverified_drafts": 4}},
            "a queue of unverified_drafts that holds",
        ),
        ({"look_ahead_limit": 0}, "look_ahead_limit is 0; must be at least 1"),
        ({"edc_options": {"history": 7}}, "history is 7; it must be even"),
        (
            {"edc_options": {"arithmetic": "fixed", "fixed_point": {"integer_bits": 2}}},
            r"entropy_maximum is 6 nats, which no word of 2 \+ 8 bits",
        ),
    ],
)
def test_control_that_contradicts_itself_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(AhasdError, match=said):
        asynchronous(**options)


def test_control_that_just_fits_is_not() -> None:
    asynchronous(look_ahead_limit=4, minimum_pending=4)
    asynchronous(minimum_pending=4, queues={"unverified_drafts": 4})
    asynchronous(edc=True, tvc=True, look_ahead_limit=1)
    fixed = {"arithmetic": "fixed", "fixed_point": {"integer_bits": 3}}
    asynchronous(edc_options={"entropy_maximum": 7.99} | fixed)
    with pytest.raises(AhasdError, match="no word of"):
        asynchronous(edc_options={"entropy_maximum": 8.0} | fixed)


def test_a_document_must_say_its_schedule() -> None:
    with pytest.raises(AhasdError, match=r"'system\.schedule' is missing"):
        parse_system({**NAMED, "target_device": "npu"})
    with pytest.raises(AhasdError, match="must be one of autoregressive, serial, pearl, asynchronous"):
        system("parallel", target_device="npu")


def test_an_unknown_option_is_named_with_the_nearest() -> None:
    with pytest.raises(AhasdError, match=r"unknown key 'system\.edk' \(did you mean 'system\.edc'\?\)"):
        asynchronous(edk=True)
    with pytest.raises(AhasdError, match=r"unknown key 'system\.zzzzzzzzzz'$"):
        asynchronous(zzzzzzzzzz="blue")


def test_a_document_with_the_options_of_every_kind_keeps_its_own() -> None:
    """As ``config.json`` of schema 1 has them."""
    every: dict[str, Any] = {}
    for name in ("npu", "pearl", "ahasd", "npu-autoregressive"):
        every |= SYSTEMS.load(name).model_dump(mode="json", exclude={"family", "default_hardware"})
    for name in ("npu", "pearl", "ahasd", "npu-autoregressive"):
        ours = SYSTEMS.load(name)
        document = every | ours.model_dump(mode="json", exclude={"family"})
        assert parse_system(document) == ours
        del document["edc_options"]
        if name != "ahasd":
            with pytest.raises(AhasdError, match="is an option of"):
                parse_system(document)


def test_who_ends_a_batch() -> None:
    """The drafting policy, but for a pilot, for blocks of a set length, and for the target alone."""
    assert system("serial", target_device="npu", draft_device="npu").asks_policy
    assert not system("autoregressive", target_device="npu").asks_policy
    assert asynchronous().asks_policy
    assert not asynchronous(control="goodput").asks_policy
    for block, asks in (("policy", True), ("speed_ratio", False)):
        found = system("pearl", target_device="pim", draft_device="npu", block_length=block)
        assert found.asks_policy is asks
