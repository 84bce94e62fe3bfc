"""Make a large mixture of experts out of the tiny one, to measure disks and memory with; its text is the tiny one's.

Usage: ``python scripts/make_large_moe.py --output DIR [--gigabytes 2] [--dtype float32] [--seed 0]``.

Every expert of the tiny mixture gets further neurons, until all experts take so many bytes. What these read is
random, and what they write is multiplied by nothing, so routers, routing and text stay those of the tiny mixture,
while each token needs the bytes and the products of a large one. It shows what a disk and a cache do, and
nothing about quality: as the output of a model of its size, its text is nonsense.
"""

import argparse
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors.torch import load_file

from ahasd.decoding.tiny_moe import model_path

NAMES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}

#: Neurons are added in these steps, so that all sizes are multiples of a cache line (ours).
STEP = 64


def widened(name: str, tensor: torch.Tensor, inner: int, draws: torch.Generator) -> torch.Tensor:
    """Give an expert's matrix `inner` neurons; other tensors stay as they are."""
    if ".experts." not in name:
        return tensor
    if name.endswith("w2.weight"):  # from the neurons back: nothing comes of the new ones
        wide = torch.zeros((tensor.shape[0], inner))
        wide[:, : tensor.shape[1]] = tensor
    else:
        wide = torch.randn((inner, tensor.shape[1]), generator=draws) * 0.05
        wide[: tensor.shape[0]] = tensor
    return wide


def tensors(
    small: dict[str, torch.Tensor], inner: int, dtype: torch.dtype, seed: int
) -> Iterator[tuple[str, torch.Tensor]]:
    """All tensors of the large mixture, one after the other."""
    draws = torch.Generator().manual_seed(seed)
    for name, tensor in sorted(small.items()):
        yield name, widened(name, tensor.float(), inner, draws).to(dtype).contiguous()


def write(path: Path, small: dict[str, torch.Tensor], inner: int, dtype: torch.dtype, seed: int) -> None:
    """Write the file without ever holding more than one tensor of it."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    position = 0
    for name, tensor in sorted(small.items()):
        shape = list(tensor.shape)
        if ".experts." in name:
            shape[1 if name.endswith("w2.weight") else 0] = inner
        size = torch.Size(shape).numel() * dtype.itemsize
        header[name] = {"dtype": NAMES[dtype], "shape": shape, "data_offsets": [position, position + size]}
        position += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _, tensor in tensors(small, inner, dtype, seed):
            file.write(memoryview(tensor.reshape(-1).view(torch.uint8).numpy()))


def main() -> None:
    """Make it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, required=True, help="folder for the model")
    parser.add_argument("--gigabytes", type=float, default=2.0, help="of all experts")
    parser.add_argument("--dtype", choices=("float32", "float16", "bfloat16"), default="float32")
    parser.add_argument("--model", type=Path, default=None, help="in place of the tiny mixture")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    source = arguments.model or model_path()
    dtype = getattr(torch, arguments.dtype)
    config = json.loads((source / "config.json").read_text())
    count = config["num_hidden_layers"] * config["num_local_experts"]
    neuron = 3 * config["hidden_size"] * dtype.itemsize
    inner = max(config["intermediate_size"], int(arguments.gigabytes * 1e9 / count / neuron) // STEP * STEP)
    arguments.output.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        if path.suffix == ".json" and path.name != "training.json":
            shutil.copy(path, arguments.output / path.name)
    config |= {"intermediate_size": inner, "dtype": arguments.dtype}
    (arguments.output / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    write(
        arguments.output / "model.safetensors",
        load_file(source / "model.safetensors"),
        inner,
        dtype,
        arguments.seed,
    )
    print(
        f"{arguments.output}: {count} experts of {inner * neuron / 1e6:.1f} MB; its text is that of {source.name}, "
        "and nonsense as that of a model of this size"
    )


if __name__ == "__main__":
    main()
