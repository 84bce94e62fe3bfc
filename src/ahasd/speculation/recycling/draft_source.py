"""Who answers a round's questions: a real draft, or a trace of one."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from ahasd.speculation.recycling.drafted_token import DraftedToken


class DraftSource(ABC):
    """A draft at one place of a text, for one round.

    Life cycle: the source is made behind a text. `step` and `check` write its chain on, each one or more passes of
    the draft; the last pass of a round may be `branch`. What it answers depends on the text and the tokens asked for,
    never on time. A source that cannot check or branch raises `AhasdError` there.
    """

    @abstractmethod
    def step(self) -> Sequence[DraftedToken]:
        """Write on: at least one token; several where a word of the draft is several tokens of the target.

        Nothing is asked behind the token that ends a text. An empty answer says that the draft has no more to say.
        """

    @abstractmethod
    def check(self, branch: Sequence[int]) -> Sequence[DraftedToken]:
        """Write on while reading tokens as if they came next, in one pass.

        Returns
        -------
        Sequence
            What the draft writes next and, as long as that is what `branch` says, behind each further token of it: at
            least one, at most ``len(branch) + 1``. All of it is written on.
        """

    @abstractmethod
    def branch(self, places: Sequence[int]) -> Sequence[int]:
        """Say what the draft would write behind the runner-ups of some tokens, in one pass.

        Parameters
        ----------
        places
            Indices of tokens that this source wrote, rising.
        """
