"""Candidates for assisted generation of transformers, as long as a drafting policy says."""

from collections.abc import Sequence
from typing import Any

from ahasd.decoding.backend import torch, transformers
from ahasd.decoding.clock import picoseconds
from ahasd.decoding.metrics import MetricsRecorder
from ahasd.decoding.speculative.alternating import TextDrafter, draft_batch
from ahasd.speculation.draft_batches import DraftBatches


class PolicyCandidates(transformers.generation.candidate_generator.CandidateGenerator):  # type: ignore[misc]
    """What `AlternatingDecoder` does between two passes of the target, as a hook of transformers.

    Parameters
    ----------
    drafter
        Its cache is empty.
    batches
        With a fresh policy.
    prompt, visible
        The prompt as it was given, and those of its tokens that the attention mask lets the models see.
    longest
        Tokens of the whole text at most, padding included.
    recorder
        Told what was drafted and accepted.
    """

    def __init__(
        self,
        drafter: TextDrafter,
        batches: DraftBatches,
        prompt: Sequence[int],
        visible: Sequence[int],
        longest: int,
        recorder: MetricsRecorder,
    ) -> None:
        self._drafter, self._batches, self._recorder = drafter, batches, recorder
        self._prompt_length, self._visible, self._longest = len(prompt), list(visible), longest
        self._drafted = self._began = 0

    def get_candidates(self, input_ids: Any, **_: Any) -> tuple[Any, Any]:
        """Give the text with the drafts behind it, and the logits that they were drawn from; None when greedy."""
        # The pass yields one token of the target's own beside the drafted ones.
        limit = self._longest - input_ids.shape[1] - 1
        self._began = picoseconds()
        proposals = draft_batch(self._drafter, self._batches, self._text(input_ids), limit)
        self._drafted = len(proposals)
        self._recorder.drafted += self._drafted
        if not proposals:
            return input_ids, None
        tokens = torch.tensor([[proposal.token for proposal in proposals]], device=input_ids.device)
        candidates = torch.cat([input_ids, tokens], dim=1)
        if proposals[0].distribution is None:
            return candidates, None
        return candidates, torch.stack([proposal.distribution for proposal in proposals]).log()[None]

    def update_candidate_strategy(self, input_ids: Any, scores: Any, num_matches: int) -> None:
        """Take in the text behind the pass, and tell the policy how many drafts became text."""
        accepted = int(num_matches)
        rejected = accepted < self._drafted
        self._recorder.verified(accepted, int(rejected), self._drafted - accepted - rejected)
        self._recorder.emitted(accepted + 1)
        self._drafter.roll_back(len(self._text(input_ids)) - 1)
        now = picoseconds()
        if not self._drafted:
            self._batches.passed_alone(self._began, now)
        self._batches.settle(accepted, rejected, now)
        self._batches.restart(0)

    def _text(self, input_ids: Any) -> list[int]:
        return [*self._visible, *input_ids[0, self._prompt_length :].tolist()]
