"""A row of the published record: what it says before a run, what it says of times, and what came out."""

import re
from dataclasses import dataclass

from ahasd.hardware.measured.devices.find_device import matching_devices
from ahasd.hardware.measured.pass_times import PassTimes
from ahasd.prediction.from_figures.model_figures import ModelFigures, model_figures
from ahasd.prediction.from_figures.model_shape import GIGA
from ahasd.prediction.from_figures.platforms import is_usual, platform_of
from ahasd.prediction.from_figures.setting import Setting
from ahasd.validation.field.words import figure, method_of
from ahasd.validation.table import Row

#: The columns that a prediction from figures may read, and no others.
SPECIFICATION = (
    "device",
    "memory_bandwidth_gb_s",
    "runtime",
    "target_model",
    "target_quant",
    "target_params_b",
    "target_file_gb",
    "draft_model",
    "draft_quant",
    "draft_params_b",
    "method",
    "batch_or_concurrency",
    "draft_max",
    "acceptance_rate",
    "mean_accepted_len",
)
#: The columns that say what came out.
OUTCOME = ("target_alone_tok_s", "speedup")
#: The columns that a prediction from measured times reads besides.
TIMES = ("target_alone_tok_s", "verify_ms_per_pass", "notes")


@dataclass(frozen=True, slots=True)
class MeasuredPass:
    """What a row says of a pass of the target over drafted tokens, as a table of two times.

    Attributes
    ----------
    times
        Of a step of the target alone, and of the pass or the whole round.
    width
        Rows of the pass.
    whole_round
        Whether drafting is in it.
    draft
        All drafting of a round where said apart, in steps of the target alone.
    """

    times: PassTimes
    width: int
    whole_round: bool
    draft: float | None

    @property
    def cost(self) -> float:
        """The pass, or the whole round, in steps of the target alone."""
        return self.times.seconds(self.width, 0) / self.times.seconds(1, 0)


def setting_of(row: Row) -> Setting:
    """What a row says of a run before it runs.

    Raises
    ------
    AhasdError
        A cell that should hold a figure holds none, or the method is not known.
    """
    device, runtime = row.texts["device"], row.texts["runtime"]
    platform = platform_of(device, runtime)
    target = model_figures(
        row.texts["target_model"],
        row.texts["target_quant"],
        figure(row, "target_params_b", GIGA),
        figure(row, "target_file_gb", GIGA),
        default_bits=16.0 if platform in ("pytorch", "eager") else 4.8,
    )
    several = re.match(r"\s*(\d)x ", device.lower())
    found = matching_devices(device)
    return Setting(
        devices=found,
        platform=platform,
        target=target,
        method=method_of(row),
        draft=_draft(row, target),
        acceptance=_share(row),
        tokens_per_pass=_tokens_per_pass(row),
        draft_length=figure(row, "draft_max"),
        peak_bandwidth=figure(row, "memory_bandwidth_gb_s", GIGA),
        processors=int(several[1]) if several else 1,
        joint=platform == "pytorch"
        or re.search(r"\btp\d|tensor split|tensor parallel", device.lower()) is not None,
        sequences=max(1, round(figure(row, "batch_or_concurrency") or 1)),
        usual_runtime=is_usual(runtime),
        memory=_memory(
            device, [size for each in found if each.kind == "gpu" for size in each.capacities[:1]]
        ),
    )


def measured_pass(row: Row) -> MeasuredPass | None:
    """What a row says of times; None if nothing that can be compared with a step of the target alone.

    ``30.49 (width 2)`` is a pass of the target in milliseconds, ``18.32 (whole round, width 2)`` and ``26.7 round``
    hold the drafting, ``1.1x of plain`` is in steps. Notes may say "draft 7.69 ms per round".
    """
    text, notes = row.texts["verify_ms_per_pass"].lower(), row.texts["notes"].lower()
    said = re.match(r"\s*(\d+(?:\.\d+)?)\s*(x of plain)?", text)
    if said is None:
        return None
    plain = re.search(r"plain step (\d+(?:\.\d+)?)", text)
    if said[2]:
        step_ms = 1.0
    elif plain is not None:
        step_ms = float(plain[1])
    elif row.texts["target_alone_tok_s"]:
        step_ms = 1e3 / row.number("target_alone_tok_s")
    else:
        return None
    draft = re.search(r"draft (\d+(?:\.\d+)?) ms per round", notes)
    # Where no width is said, every wider pass took this; which one it was changes nothing.
    width = int(rows[1]) if (rows := re.search(r"width (\d+)", text)) else 2
    times = PassTimes.of_widths(row.texts["device"], {1: step_ms / 1e3, width: float(said[1]) / 1e3})
    return MeasuredPass(
        times, width, "round" in text, float(draft[1]) / step_ms if draft is not None else None
    )


def _draft(row: Row, target: ModelFigures) -> ModelFigures | None:
    """The draft where it is a model or says its format; heads of the target have the target's format."""
    texts = row.texts
    if texts["method"] != "draft-model" and not texts["draft_quant"]:
        return None
    return model_figures(
        texts["draft_model"],
        texts["draft_quant"],
        figure(row, "draft_params_b", GIGA),
        default_bits=target.weight_bits,
    )


def _share(row: Row) -> float | None:
    if row.texts["acceptance_rate"].strip("0") in (".", "") and row.texts["acceptance_rate"]:
        return 0.0
    share = figure(row, "acceptance_rate")
    if share is not None and share > 1:
        raise row.fail("acceptance_rate", f"{share:g} is above 1; write a share, not per cent")
    return share


def _tokens_per_pass(row: Row) -> float | None:
    """Tokens that a pass emits; less than the target's own one are accepted drafts alone."""
    tokens = figure(row, "mean_accepted_len")
    return tokens if tokens is None or tokens >= 1 else 1 + tokens


def _memory(device: str, sold: list[float]) -> float | None:
    """Memory that a text says, or that a card is sold with."""
    said = re.search(r"(\d+(?:\.\d+)?) ?gb(?!/s)", device.lower())
    return float(said[1]) * GIGA if said else sold[0] if sold else None
