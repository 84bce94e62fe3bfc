"""What can be chosen of a run of a mixture whose experts lie in two memories."""

from typing import Annotated, Any

from annotated_types import Ge, Gt, Le

from ahasd.family.run_options import Help, RunOptions


class ExpertsOptions(RunOptions):
    """Options of such a run."""

    system: Annotated[str | dict[str, Any], Help("See `ahasd list systems`.")] = "experts-lru"
    mixture: Annotated[
        str | None,
        Help(
            "Of the systems of experts: config.json or .gguf of a mixture", default="Mixtral 8x7B in 4.5 bits"
        ),
    ] = None
    expert_bits: Annotated[
        float | None, Gt(0), Help("Bits of its weights, scales included", default="the file's")
    ] = None
    routing: Annotated[str, Help("Its routing: a trace, or synthetic-routing:zipf=Z,repeat=R")] = (
        "synthetic-routing:experts=8,top=2,layers=32,tokens=384,prompts=2,prefix=64,zipf=0.3,repeat=0.2,depth=3"
    )
    cached: Annotated[
        float | None, Ge(0), Le(1), Help("Share of the experts in fast memory", default="what fits")
    ] = None
    width: Annotated[int, Ge(1), Help("Tokens that a pass verifies")] = 1


RUN_OPTIONS = ExpertsOptions
