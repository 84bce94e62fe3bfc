"""Options that change nothing in a system, which a result says rather than pass over them."""

from pydantic import BaseModel

from ahasd.sparse_attention.configuration import SparseAttentionConfiguration
from ahasd.sparse_attention.system import SparseAttentionSystem


def unused_options(asked: SparseAttentionConfiguration, system: SparseAttentionSystem) -> list[str]:
    """Sentences about options that were given another value than their default and that this system does not read."""
    groups = (
        (system.paged, ("page", "budget"), ("sharing",), "no head chooses pages"),
        (system.streaming, ("heads", "streaming"), (), "no head streams"),
        (system.sparse, ("sink", "recent"), ("dense_layers",), "every head reads everything"),
        (system.mapping == "tiles", (), ("tile",), f"its mapping is {system.mapping}"),
    )
    said = []
    for read, of_run, of_system, reason in groups:
        if read:
            continue
        given = [f"--{name}" for name in of_run if _changed(asked, name)]
        given += [f"system.{name}" for name in of_system if _changed(system, name)]
        if given:
            changes = "change" if len(given) > 1 else "changes"
            said.append(f"{' and '.join(given)} {changes} nothing in {system.name}: {reason}.")
    return said


def _changed(options: BaseModel, name: str) -> bool:
    return bool(getattr(options, name) != type(options).model_fields[name].default)
