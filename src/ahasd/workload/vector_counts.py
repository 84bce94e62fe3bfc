"""Element operations of the non-linear operators.

Softmax, layer norm and GELU are counted as in the FLOP counter of ELECTRA (arXiv 2003.10555;
`flops_computation.py` of its public code); the others follow the same way of counting and are ours.
How long an operation takes is the device's affair.
"""

from typing import Literal

#: Maximum and subtraction, exponential, sum, division (ELECTRA).
SOFTMAX = 5

#: Mean, square and sum for the variance, scale, bias (ELECTRA).
LAYER_NORM = 5

#: Square, sum, scale (ours): layer norm without mean and bias.
RMS_NORM = 3

#: One addition.
RESIDUAL = 1

#: One multiplication of the activated gate with the up projection (ours).
GATE = 1

#: Two multiplications and an addition per rotated element (ours; tables of sine and cosine are at hand).
ROTARY = 3

#: A multiplication of the distance with the head's slope, and an addition (ours; ALiBi, arXiv 2108.12409).
POSITION_BIAS = 2

#: Exponential, addition, subtraction, division (ours).
TANH = 4

#: Division, tanh, multiplication (ours).
SOFT_CAP = 2 + TANH

#: ReLU: a maximum (ours). GELU by its tanh form: 8 (ELECTRA). SiLU: exponential, addition, division,
#: multiplication (ours).
#: Squared ReLU: maximum, multiplication (ours). xIELU (arXiv 2411.13010): both branches, each of a multiplication and
#: what it multiplies (a square; an exponential, two subtractions), the common linear term, the choice (ours).
ACTIVATION = {"relu": 1, "gelu": 8, "silu": 4, "relu2": 2, "xielu": 9}

#: Exponential, addition, division (ours).
SIGMOID = 3

#: One multiplication and one addition for each element that is summed (ours).
WEIGHTED_SUM = 2

#: One addition or one comparison for each element of a window (ours).
POOLING = 1


def normalization_operations(normalization: Literal["layer", "rms"]) -> int:
    """Operations per element of a norm."""
    return LAYER_NORM if normalization == "layer" else RMS_NORM
