"""From 180 nm to other processes: area, energy and delay, by more than one rule."""

from dataclasses import dataclass

from ahasd.errors import AhasdError

SOURCE_NODE_NM = 180

#: Area relative to 180 nm, from the same authors' table of measured and projected areas: Stillmaker and Baas,
#: Integration 58 (2017), doi 10.1016/j.vlsi.2017.02.002.
STILLMAKER_AREA = {
    180: 1.0, 130: 1 / 2.9, 90: 1 / 6.6, 65: 1 / 12, 45: 1 / 19, 32: 1 / 40, 20: 1 / 88, 16: 1 / 99, 14: 1 / 110,
    10: 1 / 180, 7: 1 / 320,
}  # fmt: skip

MAIN_RULE = "Stillmaker and Baas"

#: Nodes that the table lacks, by the node from which they are scaled with the square of the length.
BETWEEN = {28: 32}

#: NAND2X1 of osu018: 2.4 µm x 10 µm (its LEF).
NAND2_180_UM2 = 24.0

#: Two-input gates: TSMC's first 28 nm process, Symposium on VLSI Technology 2009, as reported by Electronic Design (9
#: July 2009), with an SRAM cell of 0.127 µm².
RAW_GATES_PER_MM2 = {28: 3.9e6}

#: The same report.
SRAM_CELL_UM2 = {28: 0.127}

#: Share of a macro of a few kilobits that its cells take; decoders and sense amplifiers take the rest. Ours.
SRAM_ARRAY_EFFICIENCY = 0.3

#: Share of the placed area that cells take. Ours.
UTILISATION, UTILISATION_RANGE = 0.7, (0.6, 0.85)

#: Energy and delay of a gate, polynomials of the supply voltage in the same paper (its tables of coefficients).
_ENERGY_180 = (0.0, 24.64, -17.98)
_ENERGY_32 = {"high performance": (0.8367, -0.4341, 0.1701), "low power": (0.9559, -0.7823, 0.471)}
_DELAY_180 = (0.0, 97.09, -356.7, 406.5)
_DELAY_32 = {
    "high performance": (-1047.0, 2982.0, -2797.0, 873.5),
    "low power": (-325.9, 1374.0, -1922.0, 913.2),
}

#: Of osu018 (its liberty), and nominal supplies of the two kinds of 32 nm transistors. The latter are ours.
SUPPLY_180_V, SUPPLY_32_V = 1.8, {"high performance": 0.9, "low power": 1.0}


@dataclass(frozen=True, slots=True)
class AreaScaling:
    """Factors on a cell area at 180 nm.

    Attributes
    ----------
    node_nm
        The process.
    lowest
        The least of the rules: cells alone.
    highest
        The most of them, over the least utilisation: placed loosely.
    rules
        {rule: factor on the area of cells}; the first is the main one.
    """

    node_nm: int
    lowest: float
    highest: float
    rules: dict[str, float]


def area_scaling(node_nm: int) -> AreaScaling:
    """Scale to a process.

    Raises
    ------
    AhasdError
        There is no data for the node.
    """
    known = sorted({*STILLMAKER_AREA, *BETWEEN}, reverse=True)
    if node_nm not in known:
        raise AhasdError(f"no scaling data for {node_nm} nm; there is for {', '.join(map(str, known))}")
    nearest = BETWEEN.get(node_nm, node_nm)
    table = STILLMAKER_AREA[nearest] * (node_nm / nearest) ** 2
    rules = {MAIN_RULE: table, "square of the length": (node_nm / SOURCE_NODE_NM) ** 2}
    if node_nm in RAW_GATES_PER_MM2:
        rules["published gate density"] = 1e6 / RAW_GATES_PER_MM2[node_nm] / NAND2_180_UM2
    return AreaScaling(node_nm, min(rules.values()), max(rules.values()) / UTILISATION_RANGE[0], rules)


def _polynomial(coefficients: tuple[float, ...], voltage: float) -> float:
    value = 0.0
    for coefficient in coefficients:
        value = value * voltage + coefficient
    return value


def energy_factor(kind: str = "high performance") -> float:
    """Energy of a gate's switching at 32 nm (taken for 28 nm) over that at 180 nm, nominal supplies."""
    return _polynomial(_ENERGY_32[kind], SUPPLY_32_V[kind]) / _polynomial(_ENERGY_180, SUPPLY_180_V)


def delay_factor(kind: str = "high performance") -> float:
    """Delay of a gate at 32 nm (taken for 28 nm) over that at 180 nm, nominal supplies."""
    return _polynomial(_DELAY_32[kind], SUPPLY_32_V[kind]) / _polynomial(_DELAY_180, SUPPLY_180_V)
