"""What each program writes, read: figures, names, contexts; and torn or foreign files, refused with their line."""

import json
from pathlib import Path
from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.hardware.measured.importing.reading import Reading
from ahasd.hardware.measured.importing.recognise import read_measurements

from . import samples


def read(folder: Path, text: str, name: str = "log.txt") -> Reading:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_measurements(path)


def times(reading: Reading) -> dict[tuple[str, int, int], float]:
    return {(time.model.name, time.width, time.context): time.ms for time in reading.times}


def csv_of(objects: list[dict[str, Any]]) -> str:
    head = list(objects[0])
    return (
        "\n".join([",".join(head), *(",".join(f'"{entry[key]}"' for key in head) for entry in objects)])
        + "\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(samples.LLAMA_BENCH, indent=2),
        "warming up\n" + json.dumps(samples.LLAMA_BENCH, indent=2) + "\nbye\n",
        "\n".join(json.dumps(entry) for entry in samples.LLAMA_BENCH),
        csv_of(samples.LLAMA_BENCH),
    ],
    ids=["json", "json in a log", "jsonl", "csv"],
)
def test_llama_bench(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    name = "Qwen2.5-7B-Instruct-Q4_K_M"
    assert times(found) == pytest.approx({(name, 4, 512): 11.0, (name, 16, 512): 20.0, (name, 1, 576): 10.0})
    assert found.times[0].model.weight_bytes == 4677120000
    assert found.backend == "llama.cpp-cuda"
    assert found.device == "NVIDIA GeForce RTX 4080"
    assert (found.source.program, found.source.version) == ("llama-bench", "8cf427ff (5163)")


def test_llama_bench_as_a_table(tmp_path: Path) -> None:
    found = read(tmp_path, samples.LLAMA_BENCH_MARKDOWN)
    name = "qwen2 7B Q4_K - Medium"
    assert times(found) == pytest.approx({(name, 4, 512): 10.0, (name, 1, 64): 10.0})
    assert found.times[0].model.weight_bytes == pytest.approx(4.36 * 2**30)
    assert found.source.version == "8cf427ff (5163)"


def test_a_prompt_of_several_passes_is_none(tmp_path: Path) -> None:
    long = {**samples.LLAMA_BENCH[0], "n_prompt": 1024}
    found = read(tmp_path, json.dumps([*samples.LLAMA_BENCH, long]))
    assert len(found.times) == 3
    assert "micro-batch of 512" in found.remarks[0]


def test_layers_on_the_cpu_have_no_kernels_of_a_gpu(tmp_path: Path) -> None:
    found = read(tmp_path, json.dumps([{**entry, "n_gpu_layers": 0} for entry in samples.LLAMA_BENCH]))
    assert (found.backend, found.processor) == (None, "cpu")
    assert found.device == "AMD Ryzen 7 7800X3D 8-Core Processor"


def test_tests_under_several_settings_are_refused(tmp_path: Path) -> None:
    other = {**samples.LLAMA_BENCH[0], "n_threads": 4}
    with pytest.raises(AhasdError, match=r"differ in n_threads \(8, 4\)"):
        read(tmp_path, json.dumps([*samples.LLAMA_BENCH, other]))


def test_batched_bench_as_lines(tmp_path: Path) -> None:
    found = read(tmp_path, f"{samples.BATCHED_LINES}\nllama_perf_context_print: load time = 1.0 ms\n")
    assert times(found) == pytest.approx({("", 1, 160): 10.0, ("", 8, 160): 20.0})


def test_batched_bench_as_a_table(tmp_path: Path) -> None:
    found = read(tmp_path, samples.BATCHED_TABLE)
    assert times(found) == pytest.approx({("llama-7b-q8_0", 1, 192): 10.0, ("llama-7b-q8_0", 2, 192): 12.0})
    assert found.times[0].model.weight_bytes == pytest.approx(6.67 * 2**30)
    assert found.backend == "llama.cpp-cuda"


def test_speculative_log(tmp_path: Path) -> None:
    found = read(tmp_path, samples.SPECULATIVE)
    (acceptance,) = found.acceptances
    assert (acceptance.drafted, acceptance.accepted, acceptance.rounds) == (100, 75, 25)
    assert (acceptance.target, acceptance.draft) == ("Qwen2.5-14B-Q4_K_M", "Qwen2.5-0.5B-Q8_0")
    assert acceptance.draft_length == 4
    # 1500 ms of decoding, 500 of them drafting, in 25 rounds.
    assert times(found) == pytest.approx(
        {("Qwen2.5-0.5B-Q8_0", 1, 66): 4.0, ("Qwen2.5-14B-Q4_K_M", 5, 66): 40.0}
    )


def test_server_log_without_drafts_is_a_pass_of_one_row(tmp_path: Path) -> None:
    found = read(tmp_path, samples.SERVER)
    # 4600 ms of 200 tokens, at 125 and 175 tokens of context on average.
    assert times(found) == pytest.approx({("", 1, round((125 * 50 + 175 * 150) / 200)): 23.0})
    assert found.acceptances == ()
    assert found.remarks == ()
    several = read(tmp_path, samples.SERVER.replace("id  0 | task 1", "id  1 | task 1"))
    assert "several slots" in several.remarks[0]


def test_server_log_of_later_versions_with_the_slot_in_every_line(tmp_path: Path) -> None:
    slot = "0.00.500.000 I slot print_timing: id  0 | task 0 | "
    lines = (
        f"{slot}prompt eval time = 521.34 ms / 10 tokens",
        f"{slot}       eval time = 941.0 ms / 10 tokens",
    )
    assert times(read(tmp_path, "\n".join(lines))) == pytest.approx({("", 1, 15): 94.1})


def test_server_log_with_drafts_is_an_acceptance_and_no_time(tmp_path: Path) -> None:
    found = read(tmp_path, samples.SERVER_WITH_DRAFTS)
    (acceptance,) = found.acceptances
    assert (acceptance.drafted, acceptance.accepted, acceptance.rounds) == (510, 402, 170)
    assert found.times == ()


def test_answers_of_the_server(tmp_path: Path) -> None:
    answer = {"content": "x", "timings": {"prompt_n": 10, "predicted_n": 20, "predicted_ms": 400.0}}
    found = read(tmp_path, json.dumps(answer))
    assert times(found) == pytest.approx({("", 1, 20): 20.0})


def test_vllm(tmp_path: Path) -> None:
    found = read(tmp_path, json.dumps(samples.VLLM))
    assert times(found) == pytest.approx({("Llama-3.1-8B-Instruct", 4, 200): 12.0})
    assert found.backend == "pytorch"
    drafted = read(tmp_path, json.dumps(samples.VLLM_WITH_DRAFTS))
    (acceptance,) = drafted.acceptances
    assert (acceptance.share, acceptance.rounds, acceptance.draft_length) == (0.5, 800, 3.0)
    assert drafted.times == ()


def test_vllm_without_a_width_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AhasdError, match="--max-concurrency"):
        read(tmp_path, json.dumps({**samples.VLLM, "max_concurrency": None}))
    with pytest.raises(AhasdError, match="does not write how many sequences"):
        read(tmp_path, json.dumps({"avg_latency": 1.0, "latencies": [1.0], "percentiles": {"50": 1.0}}))


def test_sglang(tmp_path: Path) -> None:
    found = read(tmp_path, f"{json.dumps(samples.SGLANG)}\n")
    assert times(found) == pytest.approx({("Qwen3-8B", 1, 200): 9.0})
    drafted = read(tmp_path, json.dumps({**samples.SGLANG, "accept_length": 2.5}))
    (acceptance,) = drafted.acceptances
    # 2000 tokens of 800 passes, each after 3 drafts.
    assert (acceptance.rounds, acceptance.drafted, acceptance.accepted) == (800, 2400, 1200)
    with pytest.raises(AhasdError, match="speculative_num_steps"):
        read(tmp_path, json.dumps({**samples.SGLANG, "accept_length": 2.5, "server_info": {}}))


def test_amusd(tmp_path: Path) -> None:
    found = read(tmp_path, json.dumps(samples.AMUSD)).named("8B", "1B")
    context = round((50 + 10) / 2)
    assert times(found) == pytest.approx(
        {("8B", 1, context): 22.0, ("1B", 1, context): 11.0, ("8B", 6, context): 25.0}
    )
    (acceptance,) = found.acceptances
    assert (acceptance.drafted, acceptance.accepted, acceptance.rounds) == (20, 16, 4)
    assert (acceptance.target, acceptance.draft) == ("8B", "1B")


def test_plain_csv(tmp_path: Path) -> None:
    found = read(tmp_path, "# by hand\nmodel, width, context, ms\nm,1,64,10\n\nm,8,64,15.5\n")
    assert times(found) == {("m", 1, 64): 10.0, ("m", 8, 64): 15.5}
    assert [time.line for time in found.times] == [3, 5]
    assert times(read(tmp_path, "width,ms\n1,10\n")) == {("", 1, 0): 10.0}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the file is empty"),
        ("\n \n", "line 1: the file is empty"),
        ("hello\nworld\n", "line 1: 'hello' begins no format"),
        ("model,width,context,tok/s\nm,1,64,100\n", "line 1: column 'tok/s' is no milliseconds"),
        ("model,width,context,seconds\nm,1,64,0.1\n", "ms = 1000 x seconds"),
        ("model,width,context\nm,1,64\n", "line 1: no column 'ms'"),
        ("model,width,context,ms\nm,1,64,10\nm,8,6", "line 3: 'm,8,6' is torn"),
        ("model,width,context,ms\nm,1,64,ten\n", "line 2: field 'ms' is 'ten'"),
        ("model,width,context,ms\nm,1.5,64,10\n", "line 2: field 'width' is 1.5"),
        ("model,width,context,ms\nm,1,64,-3\n", "line 2: field 'ms' is '-3'"),
        ("model,width,context,ms\n", "line 1: a head and no line"),
        (samples.BATCHED_LINES[:-40], "line 2: "),
        (samples.BATCHED_LINES.replace('"tg": 64, ', "", 1), "line 1: field 'tg' is missing"),
        (samples.BATCHED_TABLE[:-30], "line 10: "),
        (samples.LLAMA_BENCH_MARKDOWN.replace("100.00 ± 0.59 |", ""), "line 5: "),
        (samples.LLAMA_BENCH_MARKDOWN.replace("tg128", "xx128"), "line 5: "),
        (samples.SPECULATIVE.replace("n_accept  = 75", "n_accept  = "), "line 9: "),
        (samples.SPECULATIVE.partition("I n_accept")[0], "ends without 'n_accept ='"),
        (samples.SPECULATIVE.replace("500.00 ms /   125 runs", "500.0"), "line 15: "),
        (samples.SPECULATIVE.replace("n_accept  = 75", "n_accept  = 101"), "cannot be of one run"),
        (samples.SERVER.replace("1000.00 ms /    50 tokens", "1000.00 m"), "line 3: "),
        (samples.SERVER_WITH_DRAFTS.replace("/   510 generated)", ""), "line 3: "),
        (json.dumps(samples.LLAMA_BENCH, indent=2)[:-60], "is not valid JSON: line "),
        (csv_of(samples.LLAMA_BENCH)[:-30], "line 4: "),
        (json.dumps([{**samples.LLAMA_BENCH[0], "avg_ns": "quick"}]), "field 'avg_ns' is 'quick'"),
        (json.dumps([{"strategy": "sd", "metrics": {"draft_times": [1]}}]), "entry 1, field 'draft_times'"),
    ],
)
def test_what_is_torn_or_foreign_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(AhasdError, match=r"log\.txt") as refusal:
        read(tmp_path, text)
    assert message in str(refusal.value)
