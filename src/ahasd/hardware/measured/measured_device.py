"""A device that is a table of measured times."""

from typing import Annotated, Literal

from annotated_types import MinLen
from pydantic import BaseModel, ConfigDict, Field

from ahasd.errors import AhasdError
from ahasd.hardware.gpu.width.backends import Backend, width_cost
from ahasd.hardware.measured.pass_times import PassTimes

#: A time that nobody measures: a pass of a day (ours).
MOST_MS = 86_400_000.0

#: What computes, where the backend does not say it.
Processor = Literal["gpu", "cpu", "npu"]

#: Processes that want to run, for each processor, from which times are worth a word (ours).
BUSY = 0.5

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=10**15)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Part):
    """Where times come from.

    Attributes
    ----------
    program, version, date, host, file
        As far as they are known; "" where not.
    load_per_processor
        Processes that wanted to run before the measurement, for each processor; None if not known.
    """

    program: str
    version: str = ""
    date: str = ""
    host: str = ""
    file: str = ""
    load_per_processor: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None

    @property
    def was_busy(self) -> bool:
        """Whether other processes made times longer."""
        return self.load_per_processor is not None and self.load_per_processor > BUSY


class Time(_Part):
    """How long a pass took.

    Attributes
    ----------
    width
        Rows: tokens that go through in one pass.
    context
        Tokens in the caches before it, of each sequence.
    ms
        Milliseconds.
    """

    width: Annotated[int, Field(ge=1, le=1_000_000)]
    context: Annotated[int, Field(ge=0, le=100_000_000)] = 0
    ms: Annotated[float, Field(gt=0, le=MOST_MS, allow_inf_nan=False)]


class MeasuredModel(_Part):
    """A model's times.

    Attributes
    ----------
    name
        As the program calls it; "" if it does not.
    weight_bytes
        Of its file, where known; tells models of one name apart.
    parameters
        Where known.
    stands_in
        Whether it is no model but a chain of products, which says what wider passes of any model cost here.
    times
        At least one.
    """

    name: str
    weight_bytes: Positive | None = None
    parameters: Positive | None = None
    stands_in: bool = False
    times: Annotated[tuple[Time, ...], MinLen(1)]

    @property
    def widths(self) -> tuple[int, ...]:
        """Measured ones, in order."""
        return tuple(sorted({time.width for time in self.times}))


class Acceptance(_Part):
    """How many drafted tokens a target accepted.

    Attributes
    ----------
    target, draft
        Names; "" where not said.
    drafted, accepted
        Tokens.
    rounds
        Passes of the target over drafts; None if not said.
    draft_length
        Tokens that a round drafted at most; None if not said.
    """

    target: str = ""
    draft: str = ""
    drafted: Annotated[int, Field(ge=1, le=10**15)]
    accepted: Count
    rounds: Annotated[int, Field(ge=1, le=10**15)] | None = None
    draft_length: Positive | None = None

    @property
    def share(self) -> float:
        """Accepted over drafted."""
        return self.accepted / self.drafted

    @property
    def mean_length(self) -> float | None:
        """Tokens that a round drafted; where rounds were not counted, at most."""
        return self.drafted / self.rounds if self.rounds else self.draft_length


class MeasuredDevice(_Part):
    """A device as what was measured on it.

    Attributes
    ----------
    device
        Its name.
    backend
        Whose kernels ran, where known: it says where times jump.
    processor
        What computed, where known.
    bandwidth_gb_s
        What streaming reached, in 10^9 bytes per second.
    slowdown
        Time of a pass while another process does the same over that alone; 1 if they do not disturb each other.
    models
        At least one, with different names or sizes.
    acceptances
        What was measured of pairs.
    sources
        Where it comes from.
    """

    device: str
    backend: Backend | None = None
    processor: Processor | None = None
    bandwidth_gb_s: Positive | None = None
    slowdown: Annotated[float, Field(ge=0.5, le=1000, allow_inf_nan=False)] | None = None
    models: tuple[MeasuredModel, ...] = ()
    acceptances: tuple[Acceptance, ...] = ()
    sources: tuple[Source, ...] = ()

    def times(self, model: MeasuredModel, weight_bits: int = 4) -> PassTimes:
        """Costs of a model's passes.

        Parameters
        ----------
        weight_bits
            4, 8 or 16: which of the backend's kernels its weights take.
        """
        kernel = width_cost(self.backend, weight_bits) if self.backend is not None else None
        return PassTimes(
            self.device, {(time.width, time.context): time.ms / 1e3 for time in model.times}, kernel
        )

    @property
    def achieved_bandwidth(self) -> float | None:
        """Bytes per second that passes of one row of the largest model read, else those of streaming, if known.

        A mixture of experts reads less than its weights and would show too much, so what was streamed caps it.
        """
        streamed = self.bandwidth_gb_s * 1e9 if self.bandwidth_gb_s is not None else None
        sizes = [
            (model.weight_bytes, min(time.ms for time in model.times if time.width == 1) / 1e3)
            for model in self.models
            if model.weight_bytes is not None and 1 in model.widths
        ]
        if not sizes:
            return streamed
        weight_bytes, seconds = max(sizes)
        return min(weight_bytes / seconds, streamed or weight_bytes / seconds)

    def check(self, where: str) -> "MeasuredDevice":
        """Give the device, if it holds what no time of a table can contradict.

        Raises
        ------
        AhasdError
            Two models cannot be told apart, a pass is there twice, or more was accepted than drafted.
        """
        seen: set[tuple[str, float | None]] = set()
        for model in self.models:
            if (model.name, model.weight_bytes) in seen:
                raise AhasdError(
                    f"{where}: model '{model.name}' is there twice; put its times under one entry"
                )
            seen.add((model.name, model.weight_bytes))
            places = [(time.width, time.context) for time in model.times]
            twice = next((place for place in places if places.count(place) > 1), None)
            if twice is not None:
                raise AhasdError(
                    f"{where}: '{model.name}' has two times for {twice[0]} rows at a context of {twice[1]}; leave one"
                )
        for found in self.acceptances:
            if found.accepted > found.drafted:
                raise AhasdError(
                    f"{where}: {found.accepted} tokens were accepted of {found.drafted} drafted ones; "
                    "they may stand in each other's place"
                )
        if not self.models and not self.acceptances and self.bandwidth_gb_s is None:
            raise AhasdError(f"{where}: nothing was measured: no model, no acceptance, no bandwidth")
        return self
