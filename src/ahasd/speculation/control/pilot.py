"""The extension point for control token by token: when a verification starts, and whether the draft goes on."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from ahasd.traces.rollout.walk import DraftChain


@dataclass(frozen=True, slots=True)
class PassChoice:
    """The verifier is free: what it could verify now, and what waiting would bring.

    Attributes
    ----------
    chain
        The chain that the text follows.
    base
        Tokens emitted when it began.
    verified, visible
        Its tokens before these offsets have verdicts, and have been drafted and seen.
    next_token_s
        Seconds until another drafted token can be seen; infinite while the drafter waits for this side.
    draft_s, pass_s
        Seconds of a draft step, and of a pass over what is visible.
    """

    chain: DraftChain
    base: int
    verified: int
    visible: int
    next_token_s: float
    draft_s: float
    pass_s: float


@dataclass(frozen=True, slots=True)
class StepChoice:
    """The drafter is free: the token that it could draft next, and the pass that runs meanwhile.

    Attributes
    ----------
    chain
        The chain that it drafts on.
    base
        Tokens emitted when that began.
    verified, drafted
        Its tokens before these offsets have verdicts that were read, and are drafted.
    covered
        Offset after the last token of the pass that runs; None if none runs on this chain.
    left_s
        Seconds that the pass will still take if nothing disturbs it; infinite if none runs.
    draft_s
        Seconds of the step.
    """

    chain: DraftChain
    base: int
    verified: int
    drafted: int
    covered: int | None
    left_s: float
    draft_s: float


class Pilot(ABC):
    """Governs both sides of an asynchronous system (ours).

    Drafted tokens reach the verifier one by one, not in batches. Whenever the verifier is free and something has
    changed it asks ``starts_pass``; it may start with nothing drafted, and then feeds the last token of the text
    alone. Before each step the drafter asks ``drafts``; if it must not, it asks again when a pass starts or a
    verdict arrives. A pilot that forbids to draft while no pass runs must let one start (``next_token_s`` is
    infinite then), or both sides would wait for each other.

    ``judged`` brings every verdict, in order. Causal pilots read of a chain only the signals of drafted tokens.
    """

    @abstractmethod
    def starts_pass(self, choice: PassChoice) -> bool:
        """Whether to verify what is visible now."""

    @abstractmethod
    def drafts(self, choice: StepChoice) -> bool:
        """Whether to draft the next token now."""

    @abstractmethod
    def judged(self, chain: DraftChain, verified: int, until: int, rejected: bool) -> None:
        """Learn that tokens ``verified … until - 1`` were accepted, and whether the next one was rejected."""
