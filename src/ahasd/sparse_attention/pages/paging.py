"""A context in pages: which of them every paged head reads, which are chosen between, and how many."""

from dataclasses import dataclass, field

from ahasd.errors import AhasdError
from ahasd.sparse_attention.pages.window import Window

#: Quest's page and its fewest pages (arXiv 2406.10774 and its code); of its budgets, the one in the middle.
PAGE, FEWEST_PAGES, BUDGET = 16, 3, 2048


@dataclass(frozen=True, slots=True)
class Paging:
    """Pages, the window that is always read, and the budget for what lies between.

    A page that the window touches is read whole. All others are candidates; each step the best ``budget // page`` of
    them are read besides.

    Parameters
    ----------
    page
        Tokens of a page.
    budget
        Tokens of the chosen pages, at least a page.
    window
        What is read always.

    Raises
    ------
    AhasdError
        A page has no token, or the budget is less than a page.
    """

    page: int = PAGE
    budget: int = BUDGET
    window: Window = field(default_factory=Window)

    def __post_init__(self) -> None:
        if self.page < 1:
            raise AhasdError(f"page is {self.page} tokens; must be at least 1")
        if self.budget < self.page:
            raise AhasdError(
                f"budget of {self.budget} tokens is below a page of {self.page}: no page could be read; give "
                f"--budget at least {self.page}, or smaller pages"
            )

    @property
    def most_pages(self) -> int:
        """Pages that a head may choose, Quest's fewest at least."""
        return max(FEWEST_PAGES, self.budget // self.page)

    def pages(self, context: int) -> int:
        """Pages of a text, the last one perhaps not full."""
        return -(-context // self.page)

    def candidates(self, context: int) -> range:
        """Pages between which is chosen: those that the window does not touch."""
        first = -(-self.window.sink // self.page)
        last = max(0, context - self.window.recent) // self.page
        return range(first, max(first, last))

    def chosen(self, context: int) -> int:
        """How many of them are read."""
        return min(self.most_pages, len(self.candidates(context)))

    def tokens(self, context: int) -> int:
        """Tokens that a paged head reads keys and values of."""
        candidates = len(self.candidates(context))
        return context - (candidates - self.chosen(context)) * self.page
