"""The least time that a run's products and reads take at the rates that a probe of the machine found."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ahasd.decoding.experts.offloaded_model import OffloadedModel
from ahasd.decoding.experts.offloaded_run import Part
from ahasd.decoding.experts.rates import ExpertRates
from ahasd.errors import AhasdError
from ahasd.experts.layer_schedule.contention import least_seconds
from ahasd.text_files import read_text


@dataclass(frozen=True, slots=True)
class LeastTime:
    """Seconds of a token.

    Attributes
    ----------
    products
        Of the weights that it goes through, at the probe's rate.
    reads
        Of the experts that were read for it.
    both
        Both at their joint rates until one is done, the rest at its rate alone.
    """

    products: float
    reads: float
    both: float


def least_time(model: OffloadedModel, part: Part, rates: ExpertRates) -> LeastTime | None:
    """Find it for a part of a text; None for a part without tokens.

    Small operators, launches and Python are no part of it.
    """
    if part.tokens == 0:
        return None
    experts = (sum(part.hits) + sum(part.misses)) * model.memory.expert_bytes
    products = (experts / part.tokens + _other_bytes(model)) / rates.processor
    disk = rates.disk[rates.read_bytes]
    reads = part.bytes_read / part.tokens / disk
    together = min(1.0, rates.processor_beside / rates.processor), min(1.0, rates.disk_beside / disk)
    return LeastTime(products, reads, least_seconds(products, reads, *together))


def _other_bytes(model: OffloadedModel) -> int:
    """Of the weights that each token goes through beside experts: all but a table that rows are taken from."""
    network = model.model.model
    table, head = network.get_input_embeddings(), network.get_output_embeddings()
    total = sum(int(weight.nbytes) for weight in network.parameters())
    tied = head is not None and head.weight is table.weight
    return total if tied else total - int(table.weight.nbytes)


def read_rates(path: Path) -> ExpertRates:
    """Read what ``ahasd probe --experts --output FILE`` wrote.

    Raises
    ------
    AhasdError
        The file cannot be read, or is none of that kind.
    """
    try:
        document = json.loads(read_text(path, "probe"))
    except ValueError as error:
        raise AhasdError(f"probe {path}: no JSON ({error}); write it with {_COMMAND}") from None
    try:
        rates = ExpertRates(
            processor=_rate(document["processor_bytes_per_second"]),
            disk={int(size): _rate(rate) for size, rate in document["disk_bytes_per_second"].items()},
            read_bytes=int(document["read_bytes"]),
            processor_beside=_rate(document["processor_beside_disk_bytes_per_second"]),
            disk_beside=_rate(document["disk_beside_processor_bytes_per_second"]),
            direct=bool(document["past_the_page_cache"]),
            threads=int(document["threads"]),
        )
        rates.disk[rates.read_bytes]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AhasdError(
            f"probe {path}: not what {_COMMAND} writes ({type(error).__name__}: {error})"
        ) from None
    return rates


_COMMAND = "`ahasd probe --experts --output FILE.json`"


def _rate(value: Any) -> float:
    rate = float(value)
    if not 0 < rate < float("inf"):
        raise ValueError(f"a rate is {value}; must be above 0")
    return rate
