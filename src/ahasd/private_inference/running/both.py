"""Both parties on this machine: the server in a process of its own, the client here, a loopback socket between."""

import multiprocessing
import secrets
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from ahasd.errors import AhasdError
from ahasd.private_inference.running.addresses import accept, connect, listen
from ahasd.private_inference.running.channel import Channel, PeerError
from ahasd.private_inference.running.outcome import RunOutcome, RunRequest
from ahasd.private_inference.running.party import run_client, run_server
from ahasd.private_inference.running.quantised import Integers, QuantisedNetwork

_LOOPBACK = "127.0.0.1"
#: Seconds for the server's process to start, and to end (ours).
_START_S, _END_S = 60.0, 1.0


@dataclass(frozen=True, slots=True)
class BothOutcomes:
    """The two accounts of one run."""

    client: RunOutcome
    server: RunOutcome


def run_both(request: RunRequest, network: QuantisedNetwork, images: Integers) -> BothOutcomes:
    """Run both parties; the server's process ends with this call, whatever happens.

    Raises
    ------
    AhasdError
        A party failed; the server's own words, if it said any.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    key = secrets.token_bytes(32)
    process = context.Process(target=_serve, args=(theirs, key, request, network), daemon=True)
    process.start()
    theirs.close()
    try:
        address = (_LOOPBACK, int(_told(ours, process, _START_S)))  # type: ignore[call-overload]
        with Channel(connect(address, request.timeout_s), request.timeout_s, request.link) as channel:
            try:
                client = run_client(channel, key, request, images)
            except PeerError:
                if ours.poll(1.0):  # the server's own error says more
                    _told(ours, process, _END_S)
                raise
        server = _told(ours, process, request.timeout_s + _END_S)
        assert isinstance(server, RunOutcome)
        return BothOutcomes(client, server)
    finally:
        ours.close()
        _end(process)


def _serve(pipe: Connection, key: bytes, request: RunRequest, network: QuantisedNetwork) -> None:
    """Run in the server's process: say the port, then the outcome or what went wrong."""
    try:
        listening = listen((_LOOPBACK, 0))
        pipe.send(listening.getsockname()[1])
        with Channel(accept(listening, _START_S), request.timeout_s, request.link) as channel:
            pipe.send(run_server(channel, key, request, network))
    except AhasdError as error:
        with suppress(OSError):  # where the client's process is gone, nobody is left to tell
            pipe.send(error)
    except KeyboardInterrupt:
        pass  # the client says so


def _told(pipe: Connection, process: BaseProcess, wait_s: float) -> object:
    try:
        if not pipe.poll(wait_s):
            raise PeerError(f"the server's process said nothing for {wait_s:g} s")
        said = pipe.recv()
    except EOFError as error:
        process.join(_END_S)
        raise PeerError(f"the server's process ended (exit code {process.exitcode})") from error
    if isinstance(said, AhasdError):
        raise said
    return said


def _end(process: BaseProcess) -> None:
    process.join(_END_S)
    if process.is_alive():
        process.terminate()
        process.join(_END_S)
    if process.is_alive():
        process.kill()
        process.join()
