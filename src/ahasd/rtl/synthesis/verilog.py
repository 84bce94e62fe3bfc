"""The hardware as readable Verilog, a file per module."""

import re
from collections.abc import Iterable, Mapping

from amaranth.back import verilog
from amaranth.lib import wiring

from ahasd.rtl.synthesis.port_names import name_ports

_MODULE = re.compile(r"^module (\\?)(\S+?) ?\(.*?^endmodule$", re.MULTILINE | re.DOTALL)
_ZEROES = re.compile(
    r"  initial begin\n    (\w+)\[0\] = (\S+);\n(?:    \1\[\d+\] = \2;\n)*    \1\[(\d+)\] = \2;\n  end\n"
)
_ESCAPED = re.compile(r"\\(\S+) ")


def emit(tops: Mapping[str, wiring.Component]) -> dict[str, str]:
    """Return {module name: Verilog} of components and everything in them.

    The Verilog comes from Amaranth's own yosys (WebAssembly); Debian's is too old to be its back end. Modules are
    named after their place; instances of one text, such as lanes, share one module.

    Parameters
    ----------
    tops
        {module name: component}.
    """
    modules: dict[str, str] = {}
    for name, top in tops.items():
        text = verilog.convert(top, name=name, emit_src=False, strip_internal_attrs=True)
        found = {match[2]: match[0] for match in _MODULE.finditer(text)}
        names = {old: old.replace(".", "_") for old in found}
        modules |= {names[old]: _readable(body, names) for old, body in found.items()}
    return _shared(name_ports(modules))


def _shared(modules: dict[str, str]) -> dict[str, str]:
    """Keep one of the modules that differ in their name only: lane_0, lane_1 … become lane."""
    first: dict[str, str] = {}
    same: dict[str, str] = {}
    for name, body in modules.items():
        original = first.setdefault(re.sub(rf"\b{name}\b", "@", body), name)
        if original != name:
            same[name] = original
    for name, original in list(same.items()):
        same[name] = same[original] = re.sub(r"_\d+$", "", original)
    return {
        same.get(name, name): re.sub(r"\b\w+\b", lambda word: same.get(word[0], word[0]), body)
        for name, body in reversed(modules.items())
    }


def _readable(body: str, modules: Mapping[str, str]) -> str:
    """Replace escaped identifiers by plain ones that nothing else in the module is called."""
    taken = set(re.findall(r"(?<![\\$.\w])[A-Za-z_]\w*", body))
    renamed: dict[str, str] = dict(modules)

    def plain(match: re.Match[str]) -> str:
        old = match[1]
        if old not in renamed:
            renamed[old] = _unused(old, taken)
            taken.add(renamed[old])
        return renamed[old] + " "

    body = _ESCAPED.sub(plain, body)
    # yosys means this to start the combinational blocks at time 0; it does if it changes when they already wait.
    body = re.sub(r"reg (at_start\w*) +(= 0;)", r"reg \1;\n  initial \1 <\2", body)
    body = _ZEROES.sub(
        r"  integer place;\n  initial for (place = 0; place <= \3; place = place + 1) \1[place] = \2;\n", body
    )
    return "\n".join(line.rstrip() for line in body.splitlines()) + "\n"


def _unused(old: str, taken: Iterable[str]) -> str:
    if old.startswith("$auto$"):
        base = "at_start"
    else:
        base = re.sub(r"\W+", "_", old).strip("_")
        # A plain word is escaped only if it is a keyword.
        base = f"{base}_" if base == old else base
        base = f"net_{base}" if base[:1].isdigit() or not base else base
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name
