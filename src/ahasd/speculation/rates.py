"""What counts of tokens say of speculation; the same in results of the simulator and in metrics of the runtime."""


def draft_acceptance_rate(accepted: int, rejected: int) -> float | None:
    """Accepted drafts / judged ones, which are those up to and including a first rejection; None without any."""
    judged = accepted + rejected
    return accepted / judged if judged else None


def draft_efficiency(accepted: int, drafted: int) -> float | None:
    """Accepted drafts / all of them, flushed ones included; None without any."""
    return accepted / drafted if drafted else None


def mean_acceptance_length(emitted: int, verifications: int) -> float | None:
    """Tokens that a pass of the target yields on average, surplus ones of last rounds included; None without any."""
    return emitted / verifications if verifications else None
