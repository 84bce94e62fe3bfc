"""Names for the ports that Amaranth numbers: inputs that its user puts together from parts."""

import re
from collections.abc import Mapping

_NUMBERED = re.compile(r"^  input (?:\[\d+:0\] )?(port_\d+_\d+) ;", re.MULTILINE)
_ASSIGNMENT = re.compile(r"^  assign (\w+) = (.*);$", re.MULTILINE)
_INSTANCE = re.compile(r"^  (\w+) +\w+ \(.*?^  \);$", re.MULTILINE | re.DOTALL)


def name_ports(modules: Mapping[str, str]) -> dict[str, str]:
    """Rename numbered ports after the signals that they are parts of, in {module name: Verilog}.

    Parts of ``entry`` become ``entry_0``, ``entry_1`` … from its low end on; a port of which several signals are the
    bits is called after all of them.
    """
    names = {module: _names(text) for module, text in modules.items()}

    def own(text: str, renamed: Mapping[str, str]) -> str:
        return re.sub(r"(?<!\.)\bport_\d+_\d+\b", lambda port: renamed.get(port[0], port[0]), text)

    def connected(instance: re.Match[str]) -> str:
        renamed = names.get(instance[1], {})
        return re.sub(r"\.(port_\d+_\d+)\b", lambda port: f".{renamed.get(port[1], port[1])}", instance[0])

    return {module: _INSTANCE.sub(connected, own(text, names[module])) for module, text in modules.items()}


def _names(text: str) -> dict[str, str]:
    """Return {numbered port: name} of a module."""
    assignments = _ASSIGNMENT.findall(text)
    taken, found = set(re.findall(r"\w+", text)), dict[str, str]()
    for port in _NUMBERED.findall(text):
        name = _name(port, assignments)
        if name is not None and name not in taken:
            found[port] = name
            taken.add(name)
    return found


def _name(port: str, assignments: list[tuple[str, str]]) -> str | None:
    bits = {}
    for signal, value in assignments:
        parts = [part.split() for part in value.strip("{} ").split(",")]
        place = next((place for place, part in enumerate(reversed(parts)) if part == [port]), None)
        if place is not None:
            return f"{signal}_{place}"
        if len(parts) == 1 and parts[0][:1] == [port]:
            bits[signal] = parts[0][1]
    return "_".join(sorted(bits, key=lambda signal: bits[signal])) or None
