"""What a simulated run did to EDC and TVC, done to the hardware."""

from collections import deque

import pytest

from ahasd.rtl.controllers.latency_memory import Kind
from ahasd.rtl.parameters import HardwareParameters
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.control.edc.edc import EntropyDraftControl
from ahasd.speculation.control.tvc.tvc import TimeAwareVerificationControl
from ahasd.speculation.run import SpeculationRun

from . import edc_testbench, tvc_testbench
from .edc_stimulus import Batch, Flush, Tokens, Verdict
from .tvc_stimulus import Question, Sample

PARAMETERS = HardwareParameters()


@pytest.fixture
def logs(monkeypatch):
    """Everything that the run's controllers were told and answered."""
    edc, tvc, words, ratio = [], [], deque(), []
    entropy, drafted, verified, flush = (
        getattr(EntropyDraftControl, name) for name in ("entropy", "batch_drafted", "batch_verified", "flush")
    )
    calls = {
        name: getattr(TimeAwareVerificationControl, name)
        for name in ("npu_verified", "drafted", "preverified", "tokens_to_preverify")
    }

    def log_entropy(self, nats):
        words.append(self.options.fixed_point.units(nats))
        return entropy(self, nats)

    def log_batch(self, mean):
        prediction = drafted(self, mean)
        taken = tuple(words)
        assert sum(taken) / len(taken) / 256 == mean, "these are not all tokens since the last batch"
        words.clear()
        edc.append(Batch(taken, prediction.index, prediction.keep_drafting))
        return prediction

    def cut_off():
        if words:
            edc.append(Tokens(tuple(words)))
            words.clear()

    def log_verdict(self, prediction, mean, accepted):
        verified(self, prediction, mean, accepted)
        if not accepted:
            cut_off()
        edc.append(Verdict(accepted))

    def log_flush(self):
        flush(self)
        cut_off()
        edc.append(Flush())

    for name, function in (
        ("entropy", log_entropy),
        ("batch_drafted", log_batch),
        ("batch_verified", log_verdict),
        ("flush", log_flush),
    ):
        monkeypatch.setattr(EntropyDraftControl, name, function)

    def log_sample(name, kind):
        def told(self, cycles, length):
            calls[name](self, cycles, length)
            ratio[:] = [self.clock_ratio_units]
            tvc.append(Sample(kind, int(cycles), length))

        monkeypatch.setattr(TimeAwareVerificationControl, name, told)

    add = TimeAwareVerificationControl._add

    def log_profile(self, profiled, tokens):
        # The table of verifications starts from the profile without having been told of a task.
        tvc.append(Sample(Kind.NPU_VERIFICATION, int(profiled.npu_verification_cycles), profiled.kv_length))
        add(self, profiled, tokens)

    monkeypatch.setattr(TimeAwareVerificationControl, "_add", log_profile)

    def log_question(self, kv_length, elapsed, unverified=None):
        tokens = calls["tokens_to_preverify"](self, kv_length, elapsed, unverified)
        tvc.append(Question(kv_length, int(elapsed), unverified, tokens))
        return tokens

    log_sample("npu_verified", Kind.NPU_VERIFICATION)
    log_sample("drafted", Kind.PIM_DRAFT)
    log_sample("preverified", Kind.PIM_PREVERIFICATION)
    monkeypatch.setattr(TimeAwareVerificationControl, "tokens_to_preverify", log_question)
    return edc, tvc, ratio


@pytest.mark.parametrize("hardware", ["module-mac", "rank-both"])
def test_the_hardware_decides_as_in_the_run(logs, hardware):
    edc, tvc, ratio = logs
    fixed = ("system.edc_options.arithmetic=fixed", "system.tvc_options.arithmetic=fixed")
    settings = {
        "system": "ahasd",
        "algorithm": "fixed:5",
        "hardware": hardware,
        "tokens": 80,
        "fidelity": "first-order",
        "set": fixed,
    }
    assert SpeculationRun(resolve(RunConfiguration.checked(**settings))).outcome.edc is not None
    expected = [
        (operation.index, operation.keep_drafting) for operation in edc if isinstance(operation, Batch)
    ]
    assert len(expected) > 20
    assert any(isinstance(operation, Tokens) for operation in edc), "no verdict comes within a batch"
    assert edc_testbench.play(PARAMETERS, edc) == expected
    samples = [operation for operation in tvc if isinstance(operation, Sample)]
    assert len(samples) > 20
    answers, _, _ = tvc_testbench.play(PARAMETERS, ratio[0], thin(tvc))
    assert answers == [operation.tokens for operation in tvc if isinstance(operation, Question)]


def thin(operations):
    """Leave out samples that are displaced before the next question: four of each kind suffice."""
    kept, recent = [], {kind: deque(maxlen=PARAMETERS.tvc.samples) for kind in Kind}
    for operation in operations:
        if isinstance(operation, Sample):
            recent[operation.kind].append(operation)
            continue
        kept += [sample for samples in recent.values() for sample in samples]
        for samples in recent.values():
            samples.clear()
        kept.append(operation)
    return kept
