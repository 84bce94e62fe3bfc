"""Published mixtures of experts, models with latent attention, and hybrids."""

from .hybrids import HYBRIDS
from .latent import LATENT
from .mixtures import MIXTURES

PUBLISHED = MIXTURES | LATENT | HYBRIDS
