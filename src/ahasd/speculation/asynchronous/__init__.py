"""Drafter and verifier as decoupled tasks, joined by queues."""

from ahasd.speculation.asynchronous.schedule import Asynchronous

__all__ = ["Asynchronous"]
