"""A TCP server that reads one whole HTTP request and then lets the caller down."""

import socket
import ssl
import struct
from contextlib import suppress
from threading import Event, Thread
from typing import Literal, Self

Failing = Literal["reset", "silence"]

_CHUNK = 65536
# whoever speaks TLS says no more than this until he is answered
_TLS_HELLO = b"\x16"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
# closing with zero linger sends a reset instead of an orderly end
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def http_answer(status: int, body: str, headers: str = "") -> bytes:
    """Write an answer for a BrokenServer; `headers` are whole lines."""
    content = body.encode()
    head = f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\n{headers}"
    return f"{head}Content-Length: {len(content)}\r\nConnection: close\r\n\r\n".encode() + content


def closed_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class BrokenServer:
    """Answers each request with a reset, with silence, or with the same given bytes.

    `received` counts the requests that came whole. With `tls`, callers must speak TLS.
    """

    def __init__(self, failing: Failing | bytes, tls: ssl.SSLContext | None = None) -> None:
        self._failing = failing
        self._tls = tls
        self._done = Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = Thread(target=self._serve, daemon=True)
        self.received = 0

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.getsockname()[1])

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        # a last caller wakes the thread that waits for one
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join()
        self._server.close()

    def _serve(self) -> None:
        while not self._done.is_set():
            caller, _ = self._server.accept()
            with caller, suppress(ssl.SSLError, ConnectionError):
                self._let_down(self._secured(caller))

    def _secured(self, caller: socket.socket) -> socket.socket:
        if self._tls is None or self._done.is_set():
            return caller
        return self._tls.wrap_socket(caller, server_side=True)

    def _let_down(self, caller: socket.socket) -> None:
        if self._done.is_set() or not _read_request(caller):
            return
        self.received += 1
        if isinstance(self._failing, bytes):
            caller.sendall(self._failing)
        elif self._failing == "reset":
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        else:
            self._done.wait()


def _read_request(caller: socket.socket) -> bool:
    """Read head and body, and say whether a whole request came."""
    request = b""
    while b"\r\n\r\n" not in request:
        chunk = caller.recv(_CHUNK)
        if not chunk:
            return False
        request += chunk
        if request.startswith(_TLS_HELLO):
            return True
    head, _, body = request.partition(b"\r\n\r\n")
    if b"100-continue" in head.lower():
        caller.sendall(_CONTINUE)
    missing = _length(head) - len(body)
    while missing > 0 and (chunk := caller.recv(_CHUNK)):
        missing -= len(chunk)
    return missing <= 0


def _length(head: bytes) -> int:
    lines = [line.lower() for line in head.split(b"\r\n")]
    lengths = [line.split(b":")[1] for line in lines if line.startswith(b"content-length:")]
    return int(lengths[0]) if lengths else 0
