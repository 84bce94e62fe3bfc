"""Speculative decoding: policies, controllers and schedules of draft and target."""
