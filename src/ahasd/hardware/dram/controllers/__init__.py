"""Memory controllers: which command goes next."""
