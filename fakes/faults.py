"""Faults on purpose: what goes wrong with a request is drawn from a seed.

The draw depends on the seed, on what the request is about and on how often it has come, never on
the order of requests, so that the same run meets the same faults again.

| fault       | accepted | what the caller meets                       |
|-------------|----------|---------------------------------------------|
| `500`       | no       | status 500                                  |
| `429`       | no       | status 429                                  |
| `503`       | no       | status 503                                  |
| `deaf`      | no       | no answer for longer than it waits          |
| `reset`     | no       | the connection is reset                     |
| `lost`      | yes      | the connection is reset                     |
| `mute`      | yes      | no answer for longer than it waits          |
| `500-after` | yes      | status 500                                  |
| `late`      | yes      | the right answer, after a while             |
"""

import asyncio
import hashlib
import json
import socket
import struct
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from aiohttp import web


class Fault(StrEnum):
    """What goes wrong with one request."""

    ERROR = "500"
    BUSY = "429"
    DOWN = "503"
    DEAF = "deaf"
    RESET = "reset"
    LOST = "lost"
    MUTE = "mute"
    ERROR_AFTER = "500-after"
    LATE = "late"


class Trick(StrEnum):
    """What goes wrong with one report to the sender; one that is late is overtaken by others."""

    LATE = "late"
    TWICE = "twice"


Kind = TypeVar("Kind", Fault, Trick)
Accept = Callable[[], Awaitable[web.StreamResponse]]
Refuse = Callable[[int], web.StreamResponse]

PERCENT = 100
# closing with zero linger sends a reset instead of an orderly end
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Plan:
    """How often what goes wrong: whole percents of all requests, and of all reports.

    `silence_seconds` must be longer than the caller waits, `late_seconds` shorter.
    """

    seed: str = ""
    requests: Mapping[Fault, int] = field(default_factory=dict)
    reports: Mapping[Trick, int] = field(default_factory=dict)
    silence_seconds: float = 25.0
    late_seconds: float = 2.0

    def to_json(self) -> str:
        """Write the plan as `read_plan` takes it."""
        return json.dumps(asdict(self))


def read_plan(text: str) -> Plan:
    """Read a plan from JSON; raises ValueError that names what is wrong."""
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("a plan of faults is a JSON object")  # noqa: TRY004 - it is a value to us
    if unknown := found.keys() - Plan.__dataclass_fields__.keys():
        raise ValueError(f"a plan of faults has no {min(unknown)!r}")
    return Plan(
        seed=str(found.get("seed", "")),
        requests=_shares(Fault, found.get("requests", {})),
        reports=_shares(Trick, found.get("reports", {})),
        silence_seconds=float(found.get("silence_seconds", Plan.silence_seconds)),
        late_seconds=float(found.get("late_seconds", Plan.late_seconds)),
    )


def _shares(kind: type[Kind], given: Mapping[str, Any]) -> dict[Kind, int]:
    shares = {kind(name): int(share) for name, share in given.items()}
    if sum(shares.values()) > PERCENT or any(share < 0 for share in shares.values()):
        raise ValueError(f"the shares of {kind.__name__} are percents, together at most 100")
    return shares


class Faults:
    """Deals faults as planned, and counts them in `dealt`; the plan may be changed at any time."""

    def __init__(self, plan: Plan | None = None) -> None:
        self.plan = plan or Plan()
        self.dealt: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()

    def draw(self, about: str) -> Fault | None:
        """Return what goes wrong with a request about this, the next time it comes."""
        return self._draw(f"request/{about}", self.plan.requests)

    def draw_report(self, about: str) -> Trick | None:
        """Return what goes wrong with the next report about this."""
        return self._draw(f"report/{about}", self.plan.reports)

    def _draw(self, about: str, shares: Mapping[Kind, int]) -> Kind | None:
        self._seen[about] += 1
        number = _pick(f"{self.plan.seed}/{about}/{self._seen[about]}")
        for kind, share in shares.items():
            if number < share:
                self.dealt[f"{about.partition('/')[0]} {kind}"] += 1
                return kind
            number -= share
        return None

    async def answer(
        self, request: web.Request, about: str, accept: Accept, refuse: Refuse
    ) -> web.StreamResponse:
        """Answer a request as drawn; `accept` brings it about and `refuse` writes a status."""
        fault = self.draw(about)
        if fault in {Fault.ERROR, Fault.BUSY, Fault.DOWN}:
            return refuse(int(fault))
        if fault is Fault.DEAF:
            await asyncio.sleep(self.plan.silence_seconds)
        if fault in {Fault.DEAF, Fault.RESET}:
            return hang_up(request)
        answer = await accept()
        return answer if fault is None else await self._spoilt(request, fault, answer, refuse)

    async def _spoilt(
        self, request: web.Request, fault: Fault, answer: web.StreamResponse, refuse: Refuse
    ) -> web.StreamResponse:
        if fault is Fault.ERROR_AFTER:
            return refuse(int(Fault.ERROR))
        if fault is Fault.LATE:
            await asyncio.sleep(self.plan.late_seconds)
            return answer
        if fault is Fault.MUTE:
            await asyncio.sleep(self.plan.silence_seconds)
        return hang_up(request)

    def routes(self) -> list[web.RouteDef]:
        """Give the routes that show what was dealt and take another plan."""
        return [web.get("/_fake/faults", self._show), web.post("/_fake/faults", self._change)]

    async def _show(self, _: web.Request) -> web.Response:
        return web.json_response({"plan": asdict(self.plan), "dealt": dict(self.dealt)})

    async def _change(self, request: web.Request) -> web.Response:
        try:
            self.plan = read_plan(await request.text())
        except (ValueError, TypeError) as error:
            return web.json_response({"message": str(error)}, status=400)
        return await self._show(request)


def hang_up(request: web.Request) -> web.Response:
    """Reset the connection; the response returned reaches nobody."""
    if request.transport is not None:
        connection: socket.socket = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        request.transport.abort()
    return web.Response()


def _pick(name: str) -> int:
    """Return a number from 0 to 99 that depends on the name alone."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % PERCENT
