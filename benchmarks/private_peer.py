"""Bytes of two operations by our formulas, beside what SecretFlow-SPU sends for them.

Run with ``python benchmarks/private_peer.py [--peer PYTHON]``, where PYTHON is an interpreter of its own environment
with spu 0.9.5 (Python 3.10 or 3.11, ``numpy<2``, ``jax<=0.4.34``). Without it, what was measured with that version is
shown. SPU multiplies two shared matrices; its Cheetah does so by homomorphic encryption, ours by oblivious transfer.
"""

import argparse
import re
import subprocess

from ahasd.private_inference.protocols.activation import Relu
from ahasd.private_inference.protocols.oblivious_transfer import KINDS
from ahasd.private_inference.protocols.product import Shape, SharedProduct
from ahasd.private_inference.protocols.protocol import Protocol
from ahasd.private_inference.protocols.transfer import Party

#: Ring, shapes, and what SPU is asked for.
BITS, SHAPE, ELEMENTS = 32, Shape(64, 32, 32), 2048
OPERATIONS: dict[str, Protocol] = {
    "product 64 x 32 x 32": SharedProduct(SHAPE, BITS),
    "ReLU of 2048": Relu(ELEMENTS, BITS),
}

#: Bytes that spu 0.9.5 sent, party 0 and party 1, of whole numbers of 32 bits; Cheetah's with a session's set-up.
MEASURED = {
    ("SEMI2K", "product 64 x 32 x 32"): (12_288, 12_288),
    ("SEMI2K", "ReLU of 2048"): (81_920, 81_920),
    ("CHEETAH", "product 64 x 32 x 32"): (650_816, 651_053),
    ("CHEETAH", "ReLU of 2048"): (815_014, 757_670),
}

_CODE = """
import sys, numpy as np, jax.numpy as jnp, spu.utils.simulation as simulation
from spu import libspu
config = libspu.RuntimeConfig(
    protocol=getattr(libspu.ProtocolKind, sys.argv[1]), field=libspu.FieldType.FM32
)
config.enable_pphlo_profile = True
simulator = simulation.Simulator(2, config)
if sys.argv[2].startswith("product"):
    work, given = (lambda a, b: a @ b), [np.ones((64, 32), np.int32), np.ones((32, 32), np.int32)]
else:
    work, given = (lambda a: jnp.maximum(a, 0)), [np.ones(2048, np.int32)]
simulation.sim_jax(simulator, work)(*given)
"""


def peer_bytes(python: str, protocol: str, operation: str) -> tuple[int, int]:
    """Run SPU, and read what its profile says of the link."""
    ended = subprocess.run(
        [python, "-c", _CODE, protocol, operation], capture_output=True, text=True, timeout=300, check=True
    )
    found = re.search(r"Link details: total send bytes (\d+), recv bytes (\d+)", ended.stdout + ended.stderr)
    if found is None:
        raise SystemExit(f"spu printed no profile of {operation}")
    return int(found[1]), int(found[2])


def main() -> None:
    """Print a line for each operation and way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", help="an interpreter with spu")
    python = parser.parse_args().peer
    print(f"{'':34}{'one party':>12}{'the other':>12}")
    for operation, protocol in OPERATIONS.items():
        for kind in KINDS.values():
            traffic = protocol.traffic(kind)
            sent = [sum(each.bytes for each in traffic if each.sender is party) for party in Party]
            print(f"{operation:22}{kind.name:>12}{sent[0]:12,}{sent[1]:12,}")
        for name in ("SEMI2K", "CHEETAH"):
            theirs = peer_bytes(python, name, operation) if python else MEASURED[name, operation]
            print(f"{operation:22}{'spu ' + name:>12}{theirs[0]:12,}{theirs[1]:12,}")


if __name__ == "__main__":
    main()
