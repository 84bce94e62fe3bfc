"""A measured device's own file, to which other measurements are added."""

from ahasd.hardware.measured.device_file import given_device
from ahasd.hardware.measured.importing.format import Format
from ahasd.hardware.measured.importing.log_text import LogText
from ahasd.hardware.measured.importing.reading import ModelName, Reading, TimeReading
from ahasd.hardware.measured.measured_device import Source
from ahasd.yaml_text import parse_yaml


class OwnFile(Format):
    """What an import before wrote."""

    name = "a measured device (YAML)"

    def recognises(self, log: LogText) -> bool:
        """A line that begins with ``device:``."""
        return log.file.endswith((".yaml", ".yml")) and any(line.startswith("device:") for line in log.lines)

    def read(self, log: LogText) -> Reading:
        """All of it."""
        device = given_device(parse_yaml(log.text, log.file), log.file)
        return Reading(
            device.sources[0] if device.sources else Source(program="by hand", file=log.file),
            tuple(
                TimeReading(
                    ModelName(model.name, model.weight_bytes, model.parameters),
                    time.width,
                    time.context,
                    time.ms,
                )
                for model in device.models
                for time in model.times
            ),
            device.acceptances,
            device.device,
            device.backend,
            device.processor,
            device.bandwidth_gb_s,
            device.slowdown,
            further_sources=device.sources[1:],
            stand_ins=tuple(model.name for model in device.models if model.stands_in),
        )
