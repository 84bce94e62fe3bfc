"""Who may speak to the page, and how much they may send: before anything else looks at a request."""

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

#: One event of ASGI, and those who take and give them.
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Application = Callable[[Event, Receive, Send], Awaitable[None]]

#: A browser asks nobody else for anything, whatever slipped in. The framework compiles its templates in the page.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class Guard:
    """Lets requests through that bear the token: in the address at first, then in a cookie.

    Parameters
    ----------
    application
        What answers them (ASGI).
    port
        Cookies are told apart by it, since a browser gives them to all ports of a host.
    limit_bytes
        Of the body of one request; one that does not say its length is refused.
    """

    def __init__(self, application: Application, token: str, port: int, limit_bytes: int) -> None:
        self._application, self._token, self._limit_bytes = application, token, limit_bytes
        self._cookie = f"ahasd-explorer-{port}"

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """Answer, refuse, or pass on."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
            return
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        in_address = self._is_token(
            parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
        )
        if not in_address and not self._is_token(self._from_cookie(headers.get("cookie", ""))):
            await _refuse(scope, send, 403, "The address lacks the token that `ahasd explore` printed.")
            return
        if scope["type"] == "http":
            refused = self._too_much(scope["method"], headers)
            if refused is not None:
                await _refuse(scope, send, *refused)
                return
            send = self._sealed(send, in_address)
        await self._application(scope, receive, send)

    def _is_token(self, text: str) -> bool:
        return secrets.compare_digest(text.encode(), self._token.encode())

    def _from_cookie(self, text: str) -> str:
        try:
            found = SimpleCookie(text).get(self._cookie)
        except CookieError:
            return ""
        return "" if found is None else found.value

    def _too_much(self, method: str, headers: dict[str, str]) -> tuple[int, str] | None:
        """Why a request's body is not read; None if it is."""
        if method in ("GET", "HEAD", "OPTIONS"):
            return None
        length = headers.get("content-length", "")
        if not length.isdecimal() or "transfer-encoding" in headers:
            return 411, "The request does not say how long it is."
        if int(length) > self._limit_bytes:
            return 413, f"The request has {length} bytes; at most {self._limit_bytes} are taken."
        return None

    def _sealed(self, send: Send, with_cookie: bool) -> Send:
        """Add to answers what a browser must keep to, and the cookie."""

        async def sealed(event: Event) -> None:
            if event["type"] == "http.response.start":
                added = [
                    (b"content-security-policy", POLICY.encode()),
                    (b"referrer-policy", b"no-referrer"),
                    (b"x-content-type-options", b"nosniff"),
                ]
                if with_cookie:
                    cookie = f"{self._cookie}={self._token}; Path=/; HttpOnly; SameSite=Strict"
                    added.append((b"set-cookie", cookie.encode()))
                event = {**event, "headers": [*event.get("headers", []), *added]}
            await send(event)

        return sealed


async def _refuse(scope: Event, send: Send, status: int, reason: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": reason})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{reason}\n".encode()})
