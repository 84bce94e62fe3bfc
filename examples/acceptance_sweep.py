"""How the speed-up over the target alone grows with acceptance, serial and asynchronous."""

import ahasd

print("acceptance  serial  asynchronous")
for acceptance in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
    speedups = []
    for system in ("npu", "npu-pim-async+aau"):
        result = ahasd.simulate(
            system=system,
            algorithm="fixed:3",
            trace=f"synthetic:acceptance={acceptance},auc=0.5",
            tokens=512,
        )
        assert result.speedup is not None
        speedups.append(result.speedup)
    print(f"{acceptance:10.2f}  {speedups[0]:6.3f}  {speedups[1]:12.3f}")
