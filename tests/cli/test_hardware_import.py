"""``ahasd hardware import``: the first sentence, what is missing, the file, and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path

from ahasd.hardware.measured.device_file import read_device

Succeeds = Callable[..., str]
Refusal = Callable[..., str]

TABLE = "model,width,context,ms\nbig-Q4_K_M,1,64,20\nbig-Q4_K_M,8,64,31\nsmall-Q8_0,1,64,3\n"
LOG = "n_draft = 4\nn_predict = 100\nn_drafted = 100\nn_accept = 75\n"


def test_the_first_sentence_says_what_was_understood_and_then_what_is_missing(
    succeeds: Succeeds, tmp_path: Path
) -> None:
    (tmp_path / "mine.csv").write_text(TABLE, encoding="utf-8")
    text = succeeds("hardware", "import", "mine.csv", "--device", "my box", "--output", "out/my.yaml")
    assert text.startswith("Read 3 times of 2 models at widths 1 to 8 on my box (CSV).\n")
    assert "Missing: How many drafts are accepted was not measured." in " ".join(text.split())
    assert "\n  llama-speculative -m " in text
    found = read_device(tmp_path / "out" / "my.yaml")
    assert [model.name for model in found.models] == ["big-Q4_K_M", "small-Q8_0"]


def test_files_join_and_an_earlier_device_is_added_to(succeeds: Succeeds, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "run.log").write_text(LOG, encoding="utf-8")
    succeeds("hardware", "import", "mine.csv", "--device", "my box", "-o", "my.yaml")
    document = json.loads(
        succeeds(
            "hardware",
            "import",
            "my.yaml",
            "run.log",
            "--model",
            "big-Q4_K_M",
            "--draft",
            "small-Q8_0",
            "--json",
        )
    )
    assert document["sentence"].startswith("Read 3 times of 2 models")
    assert "an acceptance of 0.75 (75 of 100 drafted tokens)" in document["sentence"]
    assert document["device"]["acceptances"][0]["rounds"] == 25
    assert len(document["missing"]) == 1


def test_whose_kernels_ran_can_be_said(succeeds: Succeeds, refused: Refusal, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(TABLE, encoding="utf-8")
    said = ("hardware", "import", "mine.csv", "--device", "my box", "--backend")
    assert json.loads(succeeds(*said, "mlx", "--json"))["device"]["backend"] == "mlx"
    assert "abacus" in refused(*said, "abacus")


def test_nothing_is_written_where_a_file_is_torn(refused: Refusal, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(f"{TABLE}small-Q8_0,2\n", encoding="utf-8")
    message = refused("hardware", "import", "mine.csv", "--device", "my box", "--output", "my.yaml")
    assert "mine.csv, line 5: " in message
    assert not (tmp_path / "my.yaml").exists()


def test_what_is_not_there_is_refused(refused: Refusal) -> None:
    assert "'absent.json' does not exist" in refused("hardware", "import", "absent.json")


def test_names_that_someone_else_wrote_steer_nothing(succeeds: Succeeds, tmp_path: Path) -> None:
    hostile = "\x1b[2J\u202eQwen2.5-14B\nahasd pays: 9.9 times"
    entry = {
        "model_filename": hostile,
        "gpu_info": hostile,
        "n_gen": 0,
        "n_ubatch": 512,
        "build_commit": hostile,
    }
    tests = [{**entry, "n_prompt": rows, "avg_ns": 1e7 * rows} for rows in (1, 2)]
    (tmp_path / "times.json").write_text(json.dumps(tests), encoding="utf-8")
    printed = [succeeds("hardware", "import", "times.json", "-o", "my.yaml")]
    printed.append((tmp_path / "my.yaml").read_text(encoding="utf-8"))
    printed.append(succeeds("plan", "--device", "my.yaml", "--target", "Qwen2.5-14B", "--methods", "ngram"))
    for text in printed:
        assert not set(text) & set("\x1b\u202e")
        assert not any(line.lstrip().startswith("ahasd pays") for line in text.splitlines())
