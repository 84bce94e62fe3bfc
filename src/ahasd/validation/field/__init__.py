"""Published measurements of speculative decoding on devices that people own."""
