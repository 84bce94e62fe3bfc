"""The options of systems of speculative decoding: devices and placement, schedule, and the kinds made of both."""
