"""The form of speculative decoding: the options of ``ahasd run``, and the constants of its hardware."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ahasd.hardware.preset.preset import load_preset, preset_names
from ahasd.report.pictures.columns import Value
from ahasd.report.pictures.form import Field
from ahasd.report.pictures.runs.form import RunForm
from ahasd.speculation.drafting.specification import algorithm_descriptions
from ahasd.speculation.run_options import SpeculationOptions
from ahasd.systems.families import load_system
from ahasd.systems.suites import PAIRS
from ahasd.traces.shipped import shipped_names

if TYPE_CHECKING:
    from ahasd.report.pictures.speculation.view import SpeculationView

#: Ends of the names of constants that can be changed, beside all that have a published range: rates and clocks.
RATES = ("clock_ghz", "gb_per_second", "gmac_per_second", "tflops")

#: The acceptance of a synthetic trace as a field, and its ends (ours).
ACCEPTANCE, ENDS = "acceptance", (0.3, 0.98)

#: Tokens of a short run: enough to see what pays (ours).
SHORT_RUN = 128

#: How far they can be changed where nothing is published: from a fourth to four times as much (ours).
SPAN = 4.0


class SpeculationForm(RunForm):
    """Suggests pairs, algorithms, traces and hardware, and knows the constants of the latter."""

    def __init__(self, view: "SpeculationView") -> None:
        suggestions = {
            "pair": list(PAIRS),
            "algorithm": list(algorithm_descriptions()),
            "trace": list(shipped_names()),
            "hardware": list(preset_names()),
        }
        super().__init__(view, suggestions, {"tokens": SHORT_RUN})

    def fields(self) -> Sequence[Field]:
        """Options, and behind the trace how much a made-up one accepts."""
        found = list(super().fields())
        place = next(number for number, field in enumerate(found) if field.name == "trace")
        found.insert(
            place + 1,
            Field(
                ACCEPTANCE,
                "Acceptance of a synthetic trace (otherwise the trace's)",
                "number",
                None,
                (),
                *ENDS,
            ),
        )
        return found

    def models(self) -> Sequence[str]:
        """Both of the pair."""
        return ("draft", "target")

    def with_model(self, values: Mapping[str, Value], part: str, path: str) -> Mapping[str, Value]:
        """The values with one of the pair taken from a file."""
        draft, _, target = str(values.get("pair") or SpeculationOptions.pair).partition(":")
        if part not in self.models():
            return super().with_model(values, part, path)
        return {**values, "pair": f"{path}:{target}" if part == "draft" else f"{draft}:{path}"}

    def _with_system(self, values: Mapping[str, Value]) -> dict[str, Any]:
        """What was chosen, with the acceptance as the trace that has it."""
        named = dict(values)
        acceptance = named.pop(ACCEPTANCE, None)
        if acceptance is not None:
            named["trace"] = f"synthetic:acceptance={acceptance}"
        return super()._with_system(named)

    def constants(self, values: Mapping[str, Value]) -> Sequence[Field]:
        """Rates, clocks, and whatever has a published range, of the hardware that is chosen."""
        system = str(values.get("system") or self._options.system)
        hardware = str(values.get("hardware") or load_system(system).default_hardware)
        return list(_fields(load_preset(hardware).to_document(), ""))


def _fields(document: Mapping[str, Any], before: str) -> Iterator[Field]:
    """Constants below a section, by their names with dots."""
    for name, part in document.items():
        if not isinstance(part, Mapping):
            continue
        value, key = part.get("value"), f"{before}{name}"
        if "source" not in part:
            yield from _fields(part, f"{key}.")
        elif isinstance(value, float) and value > 0 and ("range" in part or name.endswith(RATES)):
            low, high = part.get("range") or (value / SPAN, value * SPAN)
            yield Field(key, str(part["source"]), "number", value, (), float(low), float(high))
