"""A billing system on this machine: checks each request's signature, and does each request once.

It follows Standard Webhooks with code of its own, so that a mistake of ours is seen here.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, ClassVar, Literal, Self

from fakes.faults import Fault, Faults, Plan

Answer = int | Literal["lost", "silence", "reset", "deaf"]

TOLERANCE_SECONDS = 300
_OK, _FOUND, _UNAUTHORIZED, _CONFLICT = 200, 302, 401, 409
_ANSWERS: dict[Fault | None, Answer] = {
    Fault.ERROR: 500,
    Fault.BUSY: 429,
    Fault.DOWN: 503,
    Fault.DEAF: "deaf",
    Fault.RESET: "reset",
    Fault.LOST: "lost",
    Fault.MUTE: "silence",
}


@dataclass(frozen=True)
class Asked:
    """One request as it arrived, signed or not."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """What the sender calls the request, the same each time it is sent."""
        return self.headers.get("webhook-id", "")

    @property
    def content(self) -> Any:  # noqa: ANN401 - whatever was sent
        """The request's JSON."""
        return json.loads(self.body)


class BillingFake:
    """A billing system on 127.0.0.1: what arrived is in `asked`, what it did in `done`, by id.

    `answers` are for the first requests that arrive properly signed: `lost` does it and hangs up
    without a word, `silence` does it and never answers, a status is answered and nothing done;
    `reset` and `deaf` are the same without doing it.
    After them it does what it is asked and answers 200, or what `faults` draw for the request;
    what was done before is answered with 409.
    """

    def __init__(
        self,
        secret: str,
        answers: Iterable[Answer] = (),
        message: str = "no",
        faults: Plan | None = None,
    ) -> None:
        self.asked: list[Asked] = []
        self.done: dict[str, Any] = {}
        self.message = message
        self.closing = Event()
        self.faults = Faults(faults)
        self._key = base64.b64decode(secret.removeprefix("whsec_"))
        self._answers: Iterator[Answer] = iter(answers)
        handler = type("Handler", (_Handler,), {"billing": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """The address that takes requests."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/dunning"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self, asked: Asked) -> Answer:
        """Take in a request and say how it is answered."""
        self.asked.append(asked)
        if not self._is_signed(asked):
            return _UNAUTHORIZED
        answer = next(self._answers, None) or _ANSWERS.get(self.faults.draw(asked.id), _OK)
        if answer in {"reset", "deaf"}:
            return answer
        if asked.id in self.done:
            return _CONFLICT if answer == _OK else answer
        if answer in {_OK, "lost", "silence"}:
            self.done[asked.id] = asked.content
        return answer

    def reference(self, message_id: str) -> str:
        """Return under which number a request was done."""
        return f"B-{list(self.done).index(message_id) + 1}"

    def _is_signed(self, asked: Asked) -> bool:
        at = asked.headers.get("webhook-timestamp", "")
        if not at.isdecimal() or abs(time.time() - int(at)) > TOLERANCE_SECONDS:
            return False
        content = b".".join([asked.id.encode(), at.encode(), asked.body])
        wanted = base64.b64encode(hmac.new(self._key, content, hashlib.sha256).digest())
        given = asked.headers.get("webhook-signature", "").split(" ")
        return any(hmac.compare_digest(one, f"v1,{wanted.decode()}") for one in given)


class _Handler(BaseHTTPRequestHandler):
    billing: ClassVar[BillingFake]

    def do_POST(self) -> None:
        """Answer one request, or hang up, or say nothing."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.path, headers, body)
        answer = self.billing.take(asked)
        if answer in {"silence", "deaf"}:
            self.billing.closing.wait()
        if isinstance(answer, int):
            self._answer(answer, asked)

    def _answer(self, status: int, asked: Asked) -> None:
        told = {"message": self.billing.message}
        if asked.id in self.billing.done:
            told = {"reference": self.billing.reference(asked.id)}
        content = json.dumps(told).encode()
        self.send_response(status)
        if status == _FOUND:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: what arrived is kept in `asked`."""
