"""Which module stands in which, from the emitted Verilog."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

_INSTANCE = re.compile(r"^  (\w+) +(\w+) \(", re.MULTILINE)


def instance_tree(modules: Mapping[str, str], tops: Iterable[str]) -> str:
    """Lay the instances out as a tree, a line each; instances of one module in one place share a line.

    Parameters
    ----------
    modules
        {module name: Verilog} of :func:`ahasd.rtl.synthesis.verilog.emit`.
    tops
        The modules to start from.
    """
    return "".join(line for top in tops for line in (f"{top}\n", *_inside(modules, top, "")))


def _inside(modules: Mapping[str, str], name: str, indent: str) -> Iterable[str]:
    counts = Counter(module for module, _ in _INSTANCE.findall(modules[name]) if module in modules)
    for place, (module, count) in enumerate(sorted(counts.items())):
        last = place == len(counts) - 1
        times = f" x {count}" if count > 1 else ""
        yield f"{indent}{'└─' if last else '├─'} {module}{times}\n"
        yield from _inside(modules, module, indent + ("   " if last else "│  "))
