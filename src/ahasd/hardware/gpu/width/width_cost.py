"""The cost of a pass of several rows relative to one row, by how the kernels of a backend work."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WidthCost:
    """Time of a product with ``rows`` rows, in times of the same product with one.

    Up to ``vector_rows`` rows go through a vector kernel. It reads the weights once and does the arithmetic of every
    row with them, unpacking included, on the ordinary cores; that arithmetic is not hidden by the stream of weights,
    so each further row adds ``slope``. Wider passes take a matrix kernel (GEMM), which costs ``wide`` however many
    rows there are, as long as tensor cores keep up; that they do is for the caller to check. More rows are never
    cheaper: a matrix kernel counts at least what the widest vector pass does.

    Attributes
    ----------
    slope
        What a row beyond the first adds in the vector kernel, in passes of one row.
    vector_rows
        Rows of the widest pass that the vector kernel takes.
    wide
        A pass of the matrix kernel, in passes of one row.
    error
        Mean absolute relative error on measurements of sources that were left out of the fit; None where nothing was
        measured.

    Examples
    --------
    >>> dot_products = WidthCost(slope=0.25, vector_rows=8, wide=4.0)
    >>> [dot_products.relative(rows) for rows in (1, 3, 8, 9, 100)]
    [1.0, 1.5, 2.75, 4.0, 4.0]
    """

    slope: float
    vector_rows: int
    wide: float = 1.0
    error: float | None = None

    def relative(self, rows: int) -> float:
        """Time of a pass of so many rows over that of one."""
        vector = 1.0 + self.slope * (min(rows, self.vector_rows) - 1)
        return vector if rows <= self.vector_rows else max(vector, self.wide)
