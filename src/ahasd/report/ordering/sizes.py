"""Bytes as people read them: KB of 1024, as memories are sold."""

#: Bytes of a KB.
KB = 1024


def kilobytes(count: int) -> str:
    """Whole KB with commas; below 10 KB the bytes themselves."""
    return f"{count:,} B" if count < 10 * KB else f"{count / KB:,.0f} KB"


def less(ours: int, others: int) -> str:
    """By what share the first is less, such as ``14 % less than``."""
    share = 1 - ours / others if others else 0.0
    if ours == others:
        return "the same as"
    digits = 0 if abs(share) >= 0.1 else 1
    return f"{abs(share) * 100:.{digits}f} % {'less' if share > 0 else 'more'} than"
