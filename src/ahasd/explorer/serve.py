"""Serving the page on this machine."""

import ipaddress
import secrets
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from ahasd.errors import AhasdError
from ahasd.explorer.state import State

#: Bytes of entropy of the token (ours).
TOKEN_BYTES = 24

#: Seconds for which a page that does not answer keeps its state: its machine may be busy or have slept (ours).
RECONNECT_S = 60.0


def check_installed() -> None:
    """See that what serves and draws is there.

    Raises
    ------
    AhasdError
        It is not; the message says what to install.
    """
    try:
        import nicegui  # noqa: F401
        import vl_convert  # noqa: F401
    except ImportError as error:
        raise AhasdError(
            f"the explorer needs {error.name}, which is not installed: pip install 'ahasd[explorer]'"
        ) from error


def is_local(address: str) -> bool:
    """Whether an address is reached from this machine alone.

    Raises
    ------
    AhasdError
        It is no address of IP.
    """
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError as error:
        raise AhasdError(
            f"--address {address}: give an address of this machine, such as 127.0.0.1"
        ) from error


def serve(address: str, port: int, state: State | None, ready: Callable[[str], None]) -> None:
    """Serve the page until it is interrupted.

    Parameters
    ----------
    port
        0 for any that is free.
    state
        What the address that ``ready`` is told begins with.

    Raises
    ------
    AhasdError
        Something is not installed, or the port is taken.
    """
    check_installed()
    import uvicorn
    from fastapi import FastAPI
    from nicegui import ui

    from ahasd.explorer.guard import Guard
    from ahasd.explorer.page import register
    from ahasd.explorer.uploads import AROUND_BYTES, FILE_BYTES, Uploads

    with (
        closing(_listening(address, port)) as listening,
        TemporaryDirectory(prefix="ahasd-explorer-") as folder,
    ):
        port, token = listening.getsockname()[1], secrets.token_urlsafe(TOKEN_BYTES)
        host = f"[{address}]" if ":" in address else address
        opened = f"http://{host}:{port}/?token={token}"
        register(Uploads(Path(folder)), opened)
        application = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        ui.run_with(
            application,
            title="ahasd explorer",
            favicon="📈",
            show_welcome_message=False,
            reconnect_timeout=RECONNECT_S,
        )
        guarded = Guard(application, token, port, FILE_BYTES + AROUND_BYTES)
        server = uvicorn.Server(uvicorn.Config(guarded, log_level="error", lifespan="on"))
        ready(f"{opened}&{state.query()}" if state is not None else opened)
        server.run(sockets=[listening])


def _listening(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise AhasdError(
            f"cannot listen on {address} port {port}: {error.strerror}; choose another --port"
        ) from error
    return listening
