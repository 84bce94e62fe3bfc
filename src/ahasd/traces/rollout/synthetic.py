"""Synthetic traces: acceptance and its predictability by entropy set by hand instead of recorded."""

from dataclasses import dataclass, fields
from math import ceil, sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from ahasd import __version__
from ahasd.errors import AhasdError
from ahasd.traces.header import SYNTHETIC, TraceHeader
from ahasd.traces.rollout.coins import bit_generator, draw_coins
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.synthetic_settings import parse_settings

PREFIX = SYNTHETIC

#: Beyond this the accepted and the rejected latents lie more than 5 standard deviations apart and a trace of
#: the usual size shows no overlap to measure (ours).
MAX_AUC = 0.9998


#: Drafted tokens of a trace at most; so many take some seconds and 300 MB, and the usual size has 128,000 (ours).
MOST_STEPS = 5_000_000


@dataclass(frozen=True, slots=True)
class SyntheticTrace:
    """What a synthetic trace is made from.

    Parameters
    ----------
    acceptance
        Mean probability that a drafted token is accepted, in [0, 1].
    auc
        How well low entropy predicts acceptance: the probability that a random accepted token has a lower
        entropy than a random rejected one. 0.5: not at all, the coins are independent and identical.
    positions, steps, prompts
        N, K and P of the trace; the positions are shared evenly among the prompts.
    seed
        At least 0.

    Raises
    ------
    AhasdError
        If no trace has such numbers.
    """

    acceptance: float = 0.8
    auc: float = 0.7
    positions: int = 8000
    steps: int = 16
    prompts: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.acceptance <= 1:
            raise AhasdError(f"synthetic trace: acceptance is {self.acceptance}; must be in [0, 1]")
        if not 1 - MAX_AUC <= self.auc <= MAX_AUC:
            raise AhasdError(
                f"synthetic trace: auc is {self.auc}; must be in [{1 - MAX_AUC:.4f}, {MAX_AUC}], as entropy "
                "never predicts acceptance perfectly"
            )
        if self.acceptance in (0, 1) and self.auc != 0.5:
            raise AhasdError(
                f"synthetic trace: acceptance {self.acceptance:g} leaves nothing for entropy to predict; "
                "set auc=0.5, or an acceptance between 0 and 1"
            )
        for name in ("positions", "steps", "prompts"):
            if getattr(self, name) < 1:
                raise AhasdError(f"synthetic trace: {name} is {getattr(self, name)}; must be at least 1")
        if self.positions * self.steps > MOST_STEPS:
            raise AhasdError(
                f"synthetic trace: positions={self.positions} times steps={self.steps} are more than the "
                f"{MOST_STEPS:,} drafted tokens that are made up at once; a run walks through fewer in circles"
            )
        if self.prompts > self.positions:
            raise AhasdError(
                f"synthetic trace: {self.prompts} prompts need as many positions, not {self.positions}"
            )
        if self.seed < 0:
            raise AhasdError(f"synthetic trace: seed is {self.seed}; must be at least 0")

    def __str__(self) -> str:
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        default = {field.name: field.default for field in fields(self)}
        always = ("acceptance", "auc")
        said = [
            f"{name}={value}" for name, value in given.items() if name in always or value != default[name]
        ]
        return f"{PREFIX}:{','.join(said)}"


def synthesize(
    acceptance: float = 0.8,
    auc: float = 0.7,
    positions: int = 8000,
    steps: int = 16,
    prompts: int = 20,
    seed: int = 0,
) -> RolloutTrace:
    """Make a trace with a given mean acceptance and a given AUC of low entropy → accepted.

    Each drafted token has a latent x, Gaussian of variance 1 and mean −d/2 if it will be accepted and +d/2 if
    not: the equal-variance binormal ROC model, whose AUC is Φ(d/√2) (Green and Swets, Signal Detection
    Theory and Psychophysics, 1966). Its acceptance probability is the posterior given x,
    σ(logit(acceptance) − d·x), so redrawn coins show the same mean and the same AUC as the model. Entropy
    rises with x. Latents are placed at the quantiles of their distribution and shuffled by the seed, so
    that the mean and the AUC are met exactly but for float16.

    Parameters
    ----------
    acceptance, auc, positions, steps, prompts, seed
        As in `SyntheticTrace`.

    Returns
    -------
    RolloutTrace
        A sampled trace. Draft probability is exp(−entropy), and the target's entropy is the draft's at
        step 0 (both ours: they carry no information of their own).

    Raises
    ------
    AhasdError
        If no trace has such numbers.
    """
    return _make(SyntheticTrace(acceptance, auc, positions, steps, prompts, seed))


def parse_synthetic(text: str) -> RolloutTrace:
    """Make the trace that ``synthetic:acceptance=0.8,auc=0.7,…`` describes; what is left out has its default.

    Raises
    ------
    UnknownNameError
        For a key that does not exist; the message lists those that do.
    AhasdError
        For a value that is not a number, a repeated key, or numbers that no trace has.
    """
    prefix, _, settings = text.partition(":")
    if prefix != PREFIX:
        raise AhasdError(f"'{text}' is not a synthetic trace; write {PREFIX}:acceptance=0.8,auc=0.7")
    return _make(SyntheticTrace(**parse_settings(settings, SyntheticTrace, "a synthetic trace")))


def _make(what: SyntheticTrace) -> RolloutTrace:
    shape = (what.positions, what.steps)
    # AUC = Φ(d/√2), solved for d.
    separation = 0.0 if what.auc == 0.5 else sqrt(2) * NormalDist().inv_cdf(what.auc)
    latent = _latent(what, separation).reshape(shape)
    if separation == 0:
        acceptance = np.full(shape, what.acceptance, np.float16)
    else:
        logit = np.log(what.acceptance / (1 - what.acceptance)) - separation * latent
        acceptance = (1 / (1 + np.exp(-logit))).astype(np.float16)
    # Any rising map keeps the AUC; this one stays between 0 and 10 nats with a median near 2, the range
    # of small draft models (ours).
    entropy = (10 / (1 + np.exp(1.5 - 0.6 * latent))).astype(np.float16)
    return RolloutTrace(
        header=TraceHeader(
            draft=SYNTHETIC,
            target=SYNTHETIC,
            tokenizer_hash="none",
            mode="sampled",
            temperature=1.0,
            seed=what.seed,
            prompts=str(what),
            tool_version=__version__,
        ),
        entropy=entropy,
        draft_probability=np.exp(-entropy.astype(np.float64)).astype(np.float16),
        acceptance_probability=acceptance,
        accepted=draw_coins(acceptance, what.seed, "recorded").astype(np.uint8),
        target_entropy=entropy[:, 0],
        prompt_start=np.linspace(0, what.positions, what.prompts + 1).astype(np.int32),
    )


def _latent(what: SyntheticTrace, separation: float) -> npt.NDArray[np.float64]:
    """Return the latents of all tokens, in the order that the seed shuffles them to."""
    tokens = what.positions * what.steps
    to_accept = ceil(tokens * what.acceptance - 0.5)
    latent = np.concatenate(
        [_gaussian(to_accept) - separation / 2, _gaussian(tokens - to_accept) + separation / 2]
    )
    order = np.argsort(bit_generator(what.seed, "latent").random_raw(tokens), kind="stable")
    return latent[order]


def _gaussian(size: int) -> npt.NDArray[np.float64]:
    """Return the (k + ½)/size quantiles of the standard Gaussian."""
    quantile = NormalDist().inv_cdf
    return np.array([quantile((k + 0.5) / size) for k in range(size)], dtype=np.float64)
