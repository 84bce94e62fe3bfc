"""What can be chosen of any run: every option stated once, for the configuration, the command line and Python."""

from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Ge

from ahasd.hardware.fidelity import Fidelity


@dataclass(frozen=True, slots=True)
class Help:
    """What ``--help`` says of an option.

    Attributes
    ----------
    text
        What it is; the values that it may have are added from its type.
    default
        What holds without it, where that is not a value.
    value
        What to write, where the type does not say.
    """

    text: str
    default: str | None = None
    value: str | None = None


class RunOptions:
    """The fields of a configuration that are options: type, default and text.

    A family that has more of them states them in a subclass, which its file ``run_options.py`` calls ``RUN_OPTIONS``.
    The options stand apart from the configuration, which has them as its fields, so that the command line can show
    them without pydantic: importing that takes as long as all the rest of ``--help``.
    """

    system: Annotated[str | dict[str, Any], Help("See `ahasd list systems`.")]
    hardware: Annotated[
        str | dict[str, Any] | None,
        Help("A preset or a YAML file", default="the system's own, mostly module-mac"),
    ] = None
    fidelity: Annotated[Fidelity, Help("How devices are costed")] = Fidelity.DETAILED
    seed: Annotated[int, Ge(0), Help("Of all draws")] = 0
    set: Annotated[
        tuple[str, ...],
        Help("Change a constant, e.g. npu.clock_ghz=1.2 or system.edc=false", value="KEY=VALUE"),
    ] = ()
