"""The command of AHASD's public repository (arXiv 2604.25326), as it is printed there, on this simulator.

Usage: ``python3 scripts/run_single_config.py --model llama2-7b-llama2-13b --algorithm adaedl --enable-edc
--enable-tvc --enable-aau --output ./results/demo``, then ``cat results/demo/metrics.txt``. It says which
``ahasd run`` it stands for and runs that.
"""

import shlex
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from ahasd.cli import main as ahasd
from ahasd.errors import AhasdError
from ahasd.hardware.preset.default import DEFAULT_PRESET
from ahasd.hardware.preset.preset import load_preset
from ahasd.speculation.drafting.catalogue import find_algorithm
from ahasd.speculation.run_options import SpeculationOptions
from ahasd.workload.zoo import zoo_names

#: Algorithm there -> here. The paper does not say which algorithm of BanditSpec it means; UCB is ours.
ALGORITHMS = {"specdec": "specdecpp", "specdec++": "specdecpp", "banditspec": "banditspec-ucb"}

#: Family there -> here: the models that PaLM stands for are of its shape only.
FAMILIES = {"palm": "palm-like"}

#: (AAU, EDC, TVC) -> system preset, where there is one.
SYSTEMS = {
    (False, False, False): "npu-pim-async",
    (True, False, False): "npu-pim-async+aau",
    (True, True, False): "npu-pim-async+aau+edc",
    (True, True, True): "ahasd",
}


def parse(arguments: Sequence[str]) -> Namespace:
    """Read the flags of the authors' script."""
    platform = load_preset(DEFAULT_PRESET).hardware
    npu, pim, memory = platform.require_npu(), platform.require_pim(), platform.require_memory()
    parser = ArgumentParser(
        description="Run one configuration of AHASD by the flags of the authors' script.",
        epilog="Without an --enable flag drafting is asynchronous and nothing controls it. "
        "For everything else there is `ahasd run`.",
        allow_abbrev=False,
    )
    parser.add_argument("--model", required=True, help="DRAFT-TARGET, e.g. llama2-7b-llama2-13b")
    parser.add_argument("--algorithm", required=True, help="specdec++, svip, adaedl or banditspec")
    parser.add_argument("--enable-edc", action="store_true", help="entropy-history-aware drafting control")
    parser.add_argument("--enable-tvc", action="store_true", help="time-aware pre-verification control")
    parser.add_argument("--enable-aau", action="store_true", help="attention algorithm unit in every rank")
    parser.add_argument(
        "--npu-freq",
        type=float,
        metavar="MHZ",
        help=f"NPU clock; its vector unit keeps pace  [default: {npu.clock_ghz * 1000:g}]",
    )
    parser.add_argument(
        "--pim-freq",
        type=float,
        metavar="MHZ",
        help="PIM clock; compute keeps pace, array bandwidth is the DRAM's and stays  "
        f"[default: {pim.clock_ghz * 1000:g}]",
    )
    parser.add_argument(
        "--num-pim-ranks",
        type=int,
        metavar="N",
        help="ranks of all channels together, each with its share of PIM compute and bandwidth  "
        f"[default: {memory.ranks}]",
    )
    parser.add_argument(
        "--gen-length",
        type=int,
        metavar="TOKENS",
        help=f"tokens to generate  [default: {SpeculationOptions.tokens}]",
    )
    parser.add_argument(
        "--max-draft-length",
        type=int,
        metavar="TOKENS",
        help="longest draft batch  [default: the algorithm's own]",
    )
    parser.add_argument("--enable-trace", action="store_true", help="write OUTPUT/timeline.json too")
    parser.add_argument(
        "--output", required=True, help="folder for results.json, metrics.txt and config.json"
    )
    return parser.parse_args(arguments)


def run_arguments(options: Namespace) -> list[str]:
    """Put the flags into the words of ``ahasd run``.

    Raises
    ------
    AhasdError
        A flag cannot be; whatever else is wrong, ``ahasd run`` finds.
    """
    features = (options.enable_aau, options.enable_edc, options.enable_tvc)
    arguments = ["run", "--pair", pair(options.model)]
    arguments += ["--algorithm", algorithm(options.algorithm, options.max_draft_length)]
    arguments += system(*features)
    arguments += hardware(options.npu_freq, options.pim_freq, options.num_pim_ranks)
    if options.gen_length is not None:
        arguments += ["--tokens", str(options.gen_length)]
    if options.enable_trace:
        arguments += ["--timeline", str(Path(options.output) / "timeline.json")]
    return [*arguments, "--output", options.output]


def pair(text: str) -> str:
    """DRAFT-TARGET as a pair of the zoo; a hyphen at which both names exist parts them."""
    parts = text.split("-")
    for cut in range(1, len(parts)):
        draft, target = model("-".join(parts[:cut])), model("-".join(parts[cut:]))
        if draft in zoo_names() and target in zoo_names():
            return f"{draft}:{target}"
    known = ", ".join(zoo_names())
    raise AhasdError(
        f"--model {text}: expected DRAFT-TARGET, such as llama2-7b-llama2-13b, opt-1.3b-opt-6.7b or "
        f"palm-8b-palm-30b. Models: {known}"
    )


def model(name: str) -> str:
    """Return the zoo's name of a model."""
    family, hyphen, size = name.partition("-")
    renamed = FAMILIES.get(family, family) + hyphen + size
    return renamed if renamed in zoo_names() else name


def algorithm(text: str, longest: int | None) -> str:
    """Return the algorithm as ``ahasd run`` takes it, its length limit included if one was given."""
    name, colon, parameters = text.partition(":")
    name = ALGORITHMS.get(name, name)
    given = [parameters] if colon else []
    if longest is not None:
        given.append(f"{find_algorithm(name).length_limit}={longest}")
    return ":".join([name, ",".join(given)]) if given else name


def system(aau: bool, edc: bool, tvc: bool) -> list[str]:
    """Return the preset of a combination, or the nearest one with what it lacks."""
    if (aau, edc, tvc) in SYSTEMS:
        return ["--system", SYSTEMS[aau, edc, tvc]]
    nearest = SYSTEMS[aau, False, False]
    added = [name for name, wanted in (("edc", edc), ("tvc", tvc)) if wanted]
    arguments = ["--system", nearest, "--set", "system.name=" + "+".join([nearest, *added])]
    for name in added:
        arguments += ["--set", f"system.{name}=true"]
    return arguments


def hardware(npu_mhz: float | None, pim_mhz: float | None, ranks: int | None) -> list[str]:
    """Return what differs from the default hardware.

    The vector unit's rate and the PIM's are constants of a preset, the latter of the whole module, so that they
    have to be scaled along.
    """
    preset = load_preset(DEFAULT_PRESET).hardware
    npu, pim, memory = preset.require_npu(), preset.require_pim(), preset.require_memory()
    changed: dict[str, float] = {}
    if npu_mhz is not None:
        changed["npu.clock_ghz"] = npu_mhz / 1000
        changed["npu.vector_tops"] = npu.vector_tops * npu_mhz / (npu.clock_ghz * 1000)
    compute = bandwidth = 1.0
    if pim_mhz is not None:
        changed["pim.clock_ghz"] = pim_mhz / 1000
        compute = pim_mhz / (pim.clock_ghz * 1000)
    if ranks is not None:
        if ranks < 1 or ranks % memory.channels:
            multiples = ", ".join(str(memory.channels * count) for count in (1, 2, 4))
            raise AhasdError(
                f"--num-pim-ranks {ranks}: {preset.name} spreads them over {memory.channels} channels; "
                f"give a multiple of {memory.channels}, such as {multiples}"
            )
        changed["memory.ranks_per_channel"] = ranks // memory.channels
        bandwidth = ranks / memory.ranks
        compute *= bandwidth
    if compute != 1:
        changed["pim.gmac_per_second"] = pim.gmac_per_second * compute
    if bandwidth != 1:
        changed["pim.gb_per_second"] = pim.gb_per_second * bandwidth
    return [word for key, value in changed.items() for word in ("--set", f"{key}={value:.12g}")]


def main() -> None:
    """Say which command of ``ahasd`` it is, and run it."""
    options = parse(sys.argv[1:])
    try:
        arguments = run_arguments(options)
    except AhasdError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    print("Equivalent:", shlex.join(["ahasd", *arguments]), end="\n\n", flush=True)
    sys.argv = ["ahasd", *arguments]
    ahasd()


if __name__ == "__main__":
    main()
