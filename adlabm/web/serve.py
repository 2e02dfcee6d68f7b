"""The server of the live page: this machine only, no internet, a clean end."""

from __future__ import annotations

import logging
import os
import socket
import threading
import warnings
import webbrowser
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

from adlabm.errors import BadInput

HOST = "127.0.0.1"
_SETTINGS = {
    "SOLARA_APP": "adlabm.web.page",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_KERNEL_CULL_TIMEOUT": "60s",
    "SOLARA_THEME_TITLE": "adlabm",
    "SOLARA_THEME_SHOW_BANNER": "False",
}


def serve(port: int = 8765, browser: bool = True) -> None:
    """Serve the page on this machine until Ctrl-C; port 0 takes a free one."""
    for package in ("solara", "solara_assets", "uvicorn"):
        if find_spec(package) is None:
            raise BadInput("The live page needs packages that are not installed; install them with: pip install 'adlabm[web]'.")
    listening = _listen(port)
    address = f"http://{HOST}:{listening.getsockname()[1]}"
    os.environ.update(_SETTINGS)
    warnings.filterwarnings("ignore", message="Cookies with samesite=none")  # the page is never shown inside another site
    warnings.filterwarnings("ignore", message="Attempting to work in a virtualenv")  # another one may be active than the one that runs
    import uvicorn
    from solara.server.starlette import app

    class Server(uvicorn.Server):
        """Ends without the complaints of connections that are cut."""

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            logging.disable()
            await super().shutdown(sockets)

    options: dict[str, Any] = {
        "log_level": "warning",
        "server_header": False,
        "ws_ping_interval": None,  # a busy machine answers no ping in time
        "lifespan": "off",  # Solara's own end waits for pages being drawn, and they may wait for the loop that it holds up
        "timeout_graceful_shutdown": 1,
    }
    print(f"The live page: {address}  (Ctrl-C stops it)", flush=True)
    if browser:
        threading.Timer(1.0, webbrowser.open, (address,)).start()
    with suppress(KeyboardInterrupt):  # uvicorn hands the signal on once everything is closed
        Server(uvicorn.Config(Guard(app, address), **options)).run(sockets=[listening])
    print("Stopped.", flush=True)
    os._exit(0)  # what is being drawn is not waited for; taking the interpreter apart under those threads crashes it at times


def _listen(port: int) -> socket.socket:
    """A socket on this machine's own address, which no other machine reaches."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise BadInput(f"Port {port} cannot be used ({error.strerror}); give --port another number, or 0 for a free one.") from None
    return listening


class Guard:
    """Lets in only what this page itself asks: another site could otherwise reach a server on this machine through the browser."""

    def __init__(self, app: Any, address: str) -> None:
        self.app, port = app, address.rpartition(":")[2]
        self.hosts = {f"{name}:{port}".encode() for name in (HOST, "localhost")}
        self.origins = {b"http://" + host for host in self.hosts}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan" or self._ours(dict(scope["headers"])):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": b"This page answers only to the browser of its own machine."})

    def _ours(self, headers: dict[bytes, bytes]) -> bool:
        return headers.get(b"host") in self.hosts and headers.get(b"origin", next(iter(self.origins))) in self.origins
