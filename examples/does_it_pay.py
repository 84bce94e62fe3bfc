"""Does speculation pay here, under each reading of what the memory can compute."""

import ahasd

for hardware in ("module-op", "module-mac", "rank-compute", "rank-both"):
    result = ahasd.simulate(
        system="npu-pim-async+aau",
        pair="llama2-7b:llama2-13b",
        algorithm="fixed:3",
        hardware=hardware,
        tokens=256,
    )
    print(f"{hardware}: {result.verdict.sentence}")
