"""The system and the hardware that a configuration names, with its changes to both."""

from ahasd.family.changes import change_hardware, change_system
from ahasd.family.configuration import Configuration
from ahasd.family.system import SystemFiles, SystemType
from ahasd.hardware.preset.preset import HardwarePreset, load_preset, preset_from_document


def look_up(
    configuration: Configuration, systems: SystemFiles[SystemType]
) -> tuple[SystemType, HardwarePreset]:
    """Load both, by their names or from whole documents.

    Raises
    ------
    AhasdError
        A name means nothing known, or a change does not fit.
    """
    given = configuration.system
    loaded = systems.load(given) if isinstance(given, str) else systems.parse(given)
    system = change_system(loaded, configuration.set)
    asked = configuration.hardware or system.default_hardware
    preset = preset_from_document(asked) if isinstance(asked, dict) else load_preset(asked)
    return system, change_hardware(preset, configuration.set, system, configuration.fidelity)
