"""Systems of speech: which device does what, and how a round drafts."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError

from ahasd.errors import AhasdError
from ahasd.family.system import System, SystemFiles
from ahasd.hardware.placement.device_kinds import DEVICES, DeviceName
from ahasd.hardware.preset.hardware import Hardware
from ahasd.invalid_values import explain
from ahasd.speech.recycling.options import SpeechDraftOptions

#: One device for a model: passes that a host and the PIM share are not of this family.
OneDevice = Literal["npu", "pim", "gpu", "gpu2"]

#: The usual device of the hardware at hand.
AUTO: Literal["auto"] = "auto"


class SpeechSystem(System):
    """A system of speech.

    Draft and target take turns. Encoders are heard by the target's device or, where that is the memory itself, by the
    NPU, which also reads prompts there.

    Parameters
    ----------
    drafting
        How a round drafts; None for the target alone.
    """

    family: Literal["speech"] = "speech"
    target_device: OneDevice | Literal["auto"] = Field(
        default=AUTO, description="auto: the NPU, or the GPU on hardware without one"
    )
    draft_device: OneDevice | Literal["auto"] = Field(
        default=AUTO, description="auto: the PIM beside a target on the NPU, else the target's"
    )
    drafting: SpeechDraftOptions | None = None

    def on(self, hardware: Hardware) -> dict[str, DeviceName]:
        """Devices of ``target``, ``draft`` where there is one, and ``host``, which hears."""
        usual: DeviceName = "npu" if hardware.npu is not None else "gpu"
        target: DeviceName = usual if self.target_device == AUTO else self.target_device
        found: dict[str, DeviceName] = {"target": target}
        if self.drafting is not None:
            beside: DeviceName = "pim" if target == "npu" and hardware.pim is not None else target
            found["draft"] = beside if self.draft_device == AUTO else self.draft_device
        elif self.draft_device != AUTO:
            raise AhasdError(f"system.draft_device: system '{self.name}' drafts nothing")
        return found | {"host": "npu" if DEVICES[target].in_memory else target}


def parse_system(document: Mapping[str, Any]) -> SpeechSystem:
    """Check a document.

    Raises
    ------
    AhasdError
        A value is out of range or a key is unknown; the message names it.
    """
    named = {"name": "custom", "description": "given by its options", **document}
    try:
        return SpeechSystem.model_validate(named)
    except ValidationError as error:
        raise AhasdError(f"system: {explain(error, valid=list(SpeechSystem.model_fields))}") from error


SYSTEMS = SystemFiles("ahasd.speech", parse_system)
