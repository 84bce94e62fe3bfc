"""Cases: a command line with the files that it names, or the reader of a kind of file, each drawn from a seed."""

import json
import shutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from ahasd.assignments import leaf_keys
from ahasd.errors import AhasdError
from ahasd.experiments.carry_out import Running
from ahasd.experiments.grid import run_grid
from ahasd.experiments.run_task import place_of, run_key
from ahasd.experiments.store.row import Row
from ahasd.experiments.store.store import Store
from ahasd.hardware.preset.preset import load_preset, preset_names
from ahasd.hardware.preset.sections import Section
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.options.read import SYSTEMS
from ahasd.traces.files import save
from ahasd.traces.rollout.synthetic import synthesize

from .values import TEXTS, plain, spoil_bytes, spoil_document, text

SHORT = ("--trace", "synthetic:positions=64", "--tokens", "8", "--prompt-tokens", "4")

#: A case does something that may end in a SystemExit or an error of ours, in its own folder.
Case = Callable[[], None]


def command(*arguments: object) -> Case:
    """A command line, as the entry point takes it."""

    def run() -> None:
        from ahasd.cli import main

        sys.argv = ["ahasd", *map(str, arguments)]
        main()

    run.__doc__ = f"ahasd {' '.join(map(repr, map(str, arguments)))}"[:600]
    return run


def reader(read: Callable[[], Any], what: str) -> Case:
    """A function that reads a file."""

    def run() -> None:
        read()

    run.__doc__ = what
    return run


@cache
def constants() -> tuple[str, ...]:
    """Keys of all constants that some preset has."""
    keys: dict[str, None] = {}
    for name in preset_names():
        for section, content in load_preset(name).hardware:
            if isinstance(content, Section):
                keys |= dict.fromkeys(f"{section}.{key}" for key in type(content).model_fields)
    return (*keys, "name", "description")


def changed_constant(random: Random, folder: Path) -> Case:
    preset = random.choice(preset_names())
    hardware = load_preset(preset).hardware
    own = [key for key in constants() if "." not in key or getattr(hardware, key.split(".")[0]) is not None]
    changes = []
    for key in random.choices(own, k=random.choice((1, 1, 1, 2, 4))):
        if "." in key and random.random() < 0.6:
            section, name = key.split(".")
            value = getattr(getattr(hardware, section), name)
            if isinstance(value, int | float):
                scaled = value * 10 ** random.uniform(-10, 10)
                changes.append(f"{key}={int(scaled) if isinstance(value, int) else scaled:g}")
                continue
        changes.append(f"{key}={text(random)}")
    system = (
        ("--system", "gpu")
        if hardware.npu is None
        else random.choice(((), ("--system", "npu"), ("--system", "npu-pim")))
    )
    fidelity = random.choice(((), ("--fidelity", "first-order")))
    options = [part for change in changes for part in ("--set", change)]
    return command(
        "run",
        *SHORT,
        "--hardware",
        preset,
        *system,
        *fidelity,
        *options,
        *_more(random),
        "--output",
        folder / "out",
    )


def changed_option(random: Random, folder: Path) -> Case:
    name = random.choice(SYSTEMS.names)
    key = random.choice(leaf_keys(SYSTEMS.load(name).model_dump()))
    changes = ("--set", f"system.{key}={text(random)}")
    return command("run", *SHORT, "--system", name, *changes, "--output", folder / "out")


_OPTIONS = (
    *("--pair", "--algorithm", "--trace", "--coins", "--tokens", "--prompt-tokens", "--batch", "--seed"),
    *(
        "--weight-bits",
        "--kv-bits",
        "--system",
        "--hardware",
        "--fidelity",
        "--config",
        "--set",
        "--timeline",
        "--nonsense",
    ),
)
_SPECIFIC = (
    *("fixed:{}", "adaedl:gamma={}", "adaedl:calibrated={}", "svip:h={}", "fixed:length={}", "specdecpp:{}"),
    *(
        "synthetic:positions={}",
        "synthetic:acceptance={}",
        "synthetic:auc={}",
        "synthetic:steps={}",
        "synthetic:prompts={}",
    ),
    *("./{}", "{}:{}", "llama2-7b:{}", "{}", "{}", "{}", "{}", "{}", "{}"),
)


def options(random: Random, folder: Path) -> Case:
    given: list[str] = []
    for _ in range(random.choice((1, 1, 2))):
        given += [random.choice(_OPTIONS), random.choice(_SPECIFIC).replace("{}", text(random))]
    name = random.choice(("run", "run", "run", "compare", "ablation"))
    more = (
        ("--seeds", "1", *(("--systems", "npu,ahasd") if name == "compare" else ())) if name != "run" else ()
    )
    return command(name, *SHORT, *more, *given, "--output", folder / "out")


def other_commands(random: Random, folder: Path) -> Case:
    value = text(random)
    size = random.choice(
        ("lanes", "ranks", "batch_tokens", "queues.feedback", "edc.history", "tvc.samples", "x")
    )
    return random.choice(
        (
            command(
                "trace",
                "synth",
                "--output",
                folder / "t.safetensors",
                f"--{random.choice(('acceptance', 'auc', 'positions', 'steps', 'prompts', 'seed'))}",
                value,
            ),
            command("trace", "info", value),
            command("hardware", "show", value),
            command("list", value),
            command("validate", value),
            command("claims", "--only", value, "--tokens", "8", "--seeds", "1"),
            command("rtl", "synth", "--set", f"{size}={random.choice(TEXTS)}", "--liberty", folder / "none"),
            command(
                "cost",
                random.choice(("--node", "--die-mm2")),
                random.choice(("0", "-1", "nan", "x", "1e400")),
            ),
            command(value, value),
        )
    )


def _more(random: Random) -> tuple[str, ...]:
    """Options that show more of a run."""
    return random.choice(
        ((), (), (), ("--breakdown",), ("--energy-range",), ("--timeline", "t.json", "--json"))
    )


def hardware_file(random: Random, folder: Path) -> Case:
    document = load_preset(random.choice(preset_names())).to_document()
    path = folder / "mine.yaml"
    if random.random() < 0.6:
        content = yaml.safe_dump(spoil_document(random, document)).encode()
    else:
        content = spoil_bytes(random, yaml.safe_dump(document).encode())
    path.write_bytes(content)
    if random.random() < 0.3:
        return command("hardware", "show", path)
    return command("run", *SHORT, "--hardware", path, *_more(random), "--output", folder / "out")


@cache
def frozen() -> str:
    """The ``config.json`` of a run."""
    from ahasd.systems.simulate import configure, start

    _, configuration = configure({"trace": "synthetic:positions=64", "tokens": 8, "prompt_tokens": 4})
    return json.dumps(start(configuration).frozen().model_dump(mode="json", exclude_none=True))


def configuration(random: Random, folder: Path) -> Case:
    path = folder / "config.json"
    if random.random() < 0.7:
        document = spoil_document(random, json.loads(frozen()))
        path.write_text(json.dumps(document, ensure_ascii=random.random() < 0.5), errors="replace")
    else:
        path.write_bytes(spoil_bytes(random, frozen().encode()))
    return command("run", "--config", path, *_more(random), "--output", folder / "out")


_MODEL = {
    "model_type": "llama",
    "hidden_size": 256,
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
    "num_hidden_layers": 4,
    "intermediate_size": 512,
    "vocab_size": 1000,
    "max_position_embeddings": 2048,
    "hidden_act": "silu",
    "tie_word_embeddings": False,
    "attention_bias": False,
}


def model_shape(random: Random, folder: Path) -> Case:
    path = folder / "draft.json"
    if random.random() < 0.7:
        path.write_text(json.dumps(_MODEL | {random.choice(sorted(_MODEL)): plain(random)}))
    else:
        path.write_bytes(spoil_bytes(random, json.dumps(_MODEL).encode()))
    (folder / "target.json").write_text(json.dumps(_MODEL | {"num_hidden_layers": 12}))
    return command("run", *SHORT, "--pair", f"{path}:{folder / 'target.json'}", "--output", folder / "out")


@cache
def trace_bytes(folder: Path) -> bytes:
    save(synthesize(positions=64, prompts=4), folder / "good.safetensors")
    return (folder / "good.safetensors").read_bytes()


def trace_file(random: Random, folder: Path) -> Case:
    path, content = folder / "bad.safetensors", trace_bytes(folder.parent)
    start = 8 + int.from_bytes(content[:8], "little")
    kind = random.random()
    if kind < 0.5:
        header = json.dumps(spoil_document(random, json.loads(content[8:start]))).encode()
        content = len(header).to_bytes(8, "little") + header + content[start:]
    elif kind < 0.8:
        content = spoil_bytes(random, content)
    else:
        damaged = bytearray(content)
        for _ in range(20):
            damaged[random.randrange(start, len(content))] = random.randrange(256)
        content = bytes(damaged)
    path.write_bytes(content)
    if random.random() < 0.5:
        return command("trace", "info", path)
    return command("run", "--trace", path, "--tokens", "8", "--output", folder / "out")


def prompt_file(random: Random, folder: Path) -> Case:
    from ahasd.benchmarking.prompts import read_prompt_list

    good = random.choice((b'{"prompt": "a"}\n{"turns": ["b", "c"]}\n', b'["a", "b"]', b"a\nb\n"))
    path = folder / "prompts"
    path.write_bytes(spoil_bytes(random, good))
    return reader(lambda: read_prompt_list(path), f"prompts {path.read_bytes()[:80]!r}")


@cache
def kept_runs() -> tuple[Row, ...]:
    """Rows of two runs, and of one that cannot be."""
    values = {"trace": "synthetic:positions=64", "tokens": 8, "prompt_tokens": 4, "system": "npu"}
    refused = {**values, "system": "ahasd", "hardware": "lpddr5"}
    with Store() as kept:
        places = [place_of(resolve(RunConfiguration.checked(**asked))) for asked in (values, refused)]
        for asked in (values, refused):
            run_grid([RunConfiguration.checked(**asked)], (0, 1), Running(kept))
        algorithm = RunConfiguration.checked(**values).algorithm
        return tuple(kept.rows([run_key(place, algorithm, seed) for place in places for seed in (0, 1)]))


def store(random: Random, folder: Path) -> Case:
    path, rows = folder / "store.sqlite", {row.key: row for row in kept_runs()}
    assert len(rows) == 4
    with Store(path) as kept:
        kept.add(rows.values())
    path.write_bytes(spoil_bytes(random, path.read_bytes()))

    def read() -> None:
        with Store(path) as found:
            for row in found.rows(list(rows)):
                assert row == rows[row.key], "a row was altered and read"
            free = found.lease(list(rows))
            found.add(rows[key] for key in free)
            assert found.known(free) == set(free), "what was written is not there"

    return reader(read, "a damaged store")


def reference_file(random: Random, folder: Path) -> Case:
    good = b"config,dataflow,M,N,K,compute_cycles,utilization\n32,is,1,256,256,300,0.5\n"
    name = random.choice(
        (
            "scalesim_gemm.csv",
            "onnxim_gemm.csv",
            "pimsimulator_pim.csv",
            "amusd_humaneval_sample.json",
            "timings.yaml",
        )
    )
    (folder / name).write_bytes(spoil_bytes(random, good))
    return command("validate", folder, "--json")


def model_folder(random: Random, folder: Path) -> Case:
    from ahasd.decoding.models.language_model import load_language_model
    from ahasd.decoding.tiny_pair import draft_path

    model = folder / "model"
    shutil.copytree(draft_path("plain"), model)
    name = random.choice(
        (
            "config.json",
            "config.json",
            "generation_config.json",
            "tokenizer_config.json",
            "tokenizer.json",
            "model.safetensors",
            "acceptance_head.safetensors",
        )
    )
    content = (model / name).read_bytes()
    if name.endswith("config.json") and random.random() < 0.8:
        content = json.dumps(spoil_document(random, json.loads(content))).encode()
    else:
        content = spoil_bytes(random, content)
    (model / name).write_bytes(content)
    return reader(lambda: load_language_model(model), f"model with {name} {content[:300]!r}")


#: Kind of case -> how many of a hundred are of it.
KINDS: dict[Callable[[Random, Path], Case], int] = {
    changed_constant: 30,
    changed_option: 8,
    options: 12,
    other_commands: 8,
    hardware_file: 8,
    configuration: 8,
    model_shape: 5,
    trace_file: 6,
    prompt_file: 4,
    reference_file: 3,
    model_folder: 4,
    store: 4,
}


def draw(seed: int, folder: Path) -> tuple[str, Case]:
    """Draw a case and make its files in an empty folder."""
    random = Random(seed)
    (kind,) = random.choices(list(KINDS), list(KINDS.values()))
    return kind.__name__, kind(random, folder)


def expected(ending: BaseException | None) -> bool:
    """Whether a case may end like that: well, in an error of ours, or with a code that the command documents."""
    if isinstance(ending, SystemExit):
        return ending.code in (0, 2)
    return ending is None or isinstance(ending, AhasdError)
