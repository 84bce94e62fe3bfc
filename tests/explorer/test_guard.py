"""Who is let in, and what is taken."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.explorer.guard import Guard
from ahasd.explorer.serve import is_local
from ahasd.explorer.uploads import Uploads, plain_name

TOKEN = "right"


async def answers(scope: Any, receive: Any, send: Any) -> None:
    """An application that says yes to everything."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"yes"})


def ask(query: str = "", kind: str = "http", method: str = "GET", **headers: str) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(event: Any) -> None:
        sent.append(event)

    async def receive() -> Any:
        raise AssertionError("nothing is read of a body")

    scope = {
        "type": kind,
        "method": method,
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(Guard(answers, TOKEN, 80, 1000)(scope, receive, send))
    return sent


@pytest.mark.parametrize("query", ["", "token=", "token=wrong", "token=rightx", "x=right", "token=%FF"])
def test_without_the_token_nothing_is_answered(query: str) -> None:
    assert ask(query)[0]["status"] == 403
    assert ask(query, kind="websocket") == [
        {"type": "websocket.close", "code": 1008, "reason": ask(query)[1]["body"].decode().strip()}
    ]


@pytest.mark.parametrize(
    "cookie", ["ahasd-explorer-80=wrong", "ahasd-explorer-81=right", "right", "a=;;=\x01"]
)
def test_a_wrong_cookie_is_none(cookie: str) -> None:
    assert ask(cookie=cookie)[0]["status"] == 403


def test_the_token_brings_a_cookie_that_lets_in() -> None:
    headers = dict(ask("token=right")[0]["headers"])
    cookie = headers[b"set-cookie"].decode()
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert ask(cookie=cookie.partition(";")[0])[0]["status"] == 200
    assert ask(cookie=cookie.partition(";")[0], kind="websocket") == [{"type": "websocket.accept"}]


def test_a_browser_is_told_to_ask_nobody_else() -> None:
    policy = dict(ask("token=right")[0]["headers"])[b"content-security-policy"].decode()
    assert policy.startswith("default-src 'self'")
    assert "http:" not in policy
    assert "https:" not in policy


def test_what_is_too_long_is_refused_before_it_is_read() -> None:
    assert ask("token=right", method="POST", content_length="1000")[0]["status"] == 200
    refused = ask("token=right", method="POST", content_length="1001")
    assert refused[0]["status"] == 413
    assert b"at most 1000" in refused[1]["body"]
    assert ask("token=right", method="POST")[0]["status"] == 411
    assert (
        ask("token=right", method="POST", content_length="5", transfer_encoding="chunked")[0]["status"] == 411
    )


def test_uploads_have_a_limit_each_and_together(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, file_bytes=100, all_bytes=150)
    first = uploads.place("config.json", 100)
    with pytest.raises(AhasdError, match="at most 100"):
        uploads.place("large.gguf", 101)
    with pytest.raises(AhasdError, match="exceed 150"):
        uploads.place("config.json", 51)
    second = uploads.place("config.json", 50)
    assert first != second
    assert first.parent.parent == second.parent.parent == tmp_path
    with pytest.raises(AhasdError, match="neither"):
        uploads.place("model.bin", 1)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/config.json", "config.json"),
        ("C:\\models\\a b.gguf", "a-b.gguf"),
        ("<script>.json", "script-.json"),
        (".json", "json"),
        ("a:b.gguf", "a-b.gguf"),
    ],
)
def test_names_of_uploads_lead_nowhere(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def test_only_this_machine_is_local() -> None:
    assert is_local("127.0.0.1")
    assert is_local("::1")
    assert not is_local("0.0.0.0")
    assert not is_local("192.168.1.2")
    with pytest.raises(AhasdError, match="--address"):
        is_local("localhost.example")
