"""However a file is torn, it is read or refused as a user's mistake, with its name."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.hardware.measured.importing.assemble import assemble
from ahasd.hardware.measured.importing.recognise import read_measurements

from . import samples

TEXTS = {
    "llama-bench": json.dumps(samples.LLAMA_BENCH, indent=1),
    "llama-bench-lines": "\n".join(json.dumps(entry) for entry in samples.LLAMA_BENCH),
    "llama-bench-table": samples.LLAMA_BENCH_MARKDOWN,
    "batched": samples.BATCHED_LINES,
    "batched-table": samples.BATCHED_TABLE,
    "speculative": samples.SPECULATIVE,
    "server": samples.SERVER_WITH_DRAFTS + samples.SERVER,
    "vllm": json.dumps(samples.VLLM_WITH_DRAFTS),
    "sglang": json.dumps({**samples.SGLANG, "accept_length": 2.5}),
    "amusd": json.dumps(samples.AMUSD),
    "csv": "model,width,context,ms\nm,1,64,10\nm,8,64,15\n",
}

steady = settings(
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("name", TEXTS)
@steady
@given(data=st.data())
def test_a_torn_file_is_read_or_refused(tmp_path: Path, name: str, data: st.DataObject) -> None:
    text = TEXTS[name]
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, len(text)))
    put_in = data.draw(
        st.sampled_from(["", "-", "9999999999999999999", "0", "\n", "null", "{", "1e400", "x"])
    )
    path = tmp_path / "torn.log"
    path.write_text(text[:begin] + put_in + text[end:], encoding="utf-8")
    try:
        assemble([read_measurements(path)], "box", "target", "draft")
        refusal = ""
    except AhasdError as error:
        refusal = str(error)
    assert not refusal or "torn.log" in refusal or "the files" in refusal
