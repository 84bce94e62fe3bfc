"""Published speeds on devices that people own, from the presets that the simulator runs them on."""

import re
from pathlib import Path
from statistics import median

from ahasd.errors import AhasdError
from ahasd.hardware.known_bytes import tokens_per_second
from ahasd.hardware.preset.owned.owned_presets import find_processor, owned_processors
from ahasd.validation.reference import FileReport, PredictedRow, Reference, as_pairs
from ahasd.validation.table import Row, read_table

#: Columns of the three files.
SEVENS = ("device", "bandwidth_gb_s", "measured_7b_q4_0_tg_tok_s")
MODELS = ("preset", "model", "read_gb", "layers", "tokens_per_second")
RUNS = ("device", "runtime", "target_model", "target_file_gb", "target_alone_tok_s", "batch_or_concurrency")

#: Layers of models by the beginnings of their names; 32 where not known.
_LAYERS = (("Qwen3.8-27B", 64), ("Qwen3.6-27B", 64), ("Gemma-4-31B", 60), ("Qwen2.5-Coder-7B", 28))


class DevicePresets(Reference):
    """Llama-2-7B in Q4_0 on the presets of GPUs, which are made of these very speeds: a check of the arithmetic."""

    def reads(self, name: str) -> bool:
        """``devices….csv``."""
        return name.startswith("devices") and name.endswith(".csv")

    def compare(self, path: Path) -> FileReport | None:
        """Predict every device that has a preset and a speed."""
        found = []
        presets = {processor.device: processor for processor in owned_processors() if processor.kind == "GPU"}
        for row in read_table(path, SEVENS):
            preset = presets.get(row.texts["device"])
            if preset is not None and row.texts["measured_7b_q4_0_tg_tok_s"]:
                measured = row.number("measured_7b_q4_0_tg_tok_s")
                predicted = tokens_per_second(preset.name)
                found.append(PredictedRow(_named(row, "device"), preset.group, measured, predicted))
        return _report(f"{path.name}, presets made of it", found)


class DeviceModels(Reference):
    """Other models on the presets: figures that none of them was made of."""

    def reads(self, name: str) -> bool:
        """``device_models….csv``."""
        return name.startswith("device_models") and name.endswith(".csv")

    def compare(self, path: Path) -> FileReport | None:
        """Predict every row."""
        found = []
        for row in read_table(path, MODELS):
            processor = find_processor(row.texts["preset"])
            if processor is None:
                raise row.fail("preset", f"'{row.texts['preset']}' is no device")
            read, layers = row.number("read_gb") * 1e9, int(row.number("layers"))
            predicted = tokens_per_second(processor.name, read, layers)
            found.append(
                PredictedRow(as_pairs(row), processor.kind, row.number("tokens_per_second"), predicted)
            )
        return _report(path.name, found)


class RunsAlone(Reference):
    """The target alone in the record of speculative runs: llama.cpp on one device, a file whose size is known."""

    def reads(self, name: str) -> bool:
        """``speculation….csv``."""
        return name.startswith("speculation") and name.endswith(".csv")

    def compare(self, path: Path) -> FileReport | None:
        """Predict each model on each device once; where several measured it, their median is the measured one."""
        speeds: dict[tuple[str, str, float], list[float]] = {}
        for row in read_table(path, RUNS):
            name = _preset_of(row)
            if name is not None:
                key = name, row.texts["target_model"], row.number("target_file_gb")
                speeds.setdefault(key, []).append(row.number("target_alone_tok_s"))
        found = []
        for (name, model, size), measured in speeds.items():
            layers = next((count for start, count in _LAYERS if model.startswith(start)), 32)
            about = (("preset", name), ("model", model), ("file_gb", f"{size:g}"))
            predicted = tokens_per_second(name, size * 1e9, layers)
            found.append(PredictedRow(about, "", median(measured), predicted))
        return _report(f"{path.name}, the target alone", found)


def _preset_of(row: Row) -> str | None:
    """The preset of a run that can be compared: on one device, whole, one text at a time."""
    texts = row.texts
    whole = not re.search(r"\d ?x |\+|split|layers on|imp\b|\[vulkan\]", texts["device"].lower())
    alone = texts["batch_or_concurrency"] in ("", "1") and texts["runtime"].startswith("llama.cpp")
    if not (whole and alone and texts["target_file_gb"] and texts["target_alone_tok_s"]):
        return None
    try:
        processor = find_processor(re.sub(r"\(.*?overclocked.*?\)", "", texts["device"]))
    except AhasdError:
        return None  # it fits several variants of a part, or one without a preset
    return None if processor is None else processor.name


def _report(name: str, found: list[PredictedRow]) -> FileReport | None:
    return FileReport(name, "tokens per second", tuple(found)) if found else None


def _named(row: Row, *columns: str) -> tuple[tuple[str, str], ...]:
    return tuple((column, row.texts[column]) for column in columns)
