"""The server: this machine only, one sentence for a port that cannot be used, a clean end."""

from __future__ import annotations

import asyncio
import socket
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from adlabm.errors import BadInput
from adlabm.web.serve import HOST, Guard, _listen, serve
from tests.web.conftest import start, stop
from tests.web.visitor import Visitor

ADDRESS = "http://127.0.0.1:8765"


def answer(kind: str = "http", **headers: str) -> list[str]:
    """What the guard sends, or "in" when the page is reached."""
    sent = []

    async def page(scope, receive, send):
        sent.append("in")

    async def send(message):
        sent.append(f"{message['type']} {message.get('status', message.get('code', ''))}".strip())

    scope = {"type": kind, "headers": [(name.encode(), value.encode()) for name, value in headers.items()]}
    with ThreadPoolExecutor(1) as apart:  # the browser of other tests keeps a loop running in this thread
        apart.submit(asyncio.run, Guard(page, ADDRESS)(scope, None, send)).result()
    return sent


def test_only_its_own_pages_are_answered():
    assert answer(host="127.0.0.1:8765") == ["in"]
    assert answer("websocket", host="localhost:8765", origin="http://localhost:8765") == ["in"]
    assert answer(host="evil.example:8765") == ["http.response.start 403", "http.response.body"]
    assert answer() == ["http.response.start 403", "http.response.body"]
    for origin in ("http://evil.example", "http://127.0.0.1:9999", "null"):
        assert answer("websocket", host="127.0.0.1:8765", origin=origin) == ["websocket.close 1008"]


def test_a_port_in_use_is_one_sentence():
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match=f"^Port {port} cannot be used .*give --port another number"):
            serve(port, browser=False)


def test_ctrl_c_ends_it():
    process, address = start()
    assert address.startswith(f"http://{HOST}:")
    with urllib.request.urlopen(address, timeout=60) as found:
        assert "adlabm" in found.read().decode()
    listeners = {each.laddr.ip for each in psutil.Process(process.pid).net_connections() if each.status == psutil.CONN_LISTEN}
    assert listeners == {HOST}
    assert stop(process) == (0, "Stopped.\n")
    _listen(int(address.rpartition(":")[2])).close()  # the port is free again


def test_ctrl_c_does_not_wait_for_pages_that_play(browser):
    process, address = start()
    visitors = [Visitor(browser, address) for _ in range(2)]
    try:
        for visitor in visitors:
            visitor.press("Play")
            visitor.button("Pause").wait_for()
    finally:
        ended = stop(process)
        for visitor in visitors:  # one whose server is gone keeps the processor busy with trying again
            visitor.close()
    assert ended == (0, "Stopped.\n")
