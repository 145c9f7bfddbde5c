"""The front's HTTP server; it listens on this machine only."""

import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, Self
from urllib.parse import unquote

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from fakes.aws.events import Accepted, Reporter
from fakes.aws.topic import CERTIFICATE
from fakes.faults import Faults, Plan

SEND_EMAIL = "/v2/email/outbound-emails"
KEY_TAG = "dunning-key"
_OK = 200
_SHUTDOWN_SECONDS = 0.5
_LARGEST = 64 * 1024 * 1024
# they belong to one connection, not to the message
_HOP = {"connection", "keep-alive", "transfer-encoding", "expect", "content-length", "date"}
_CODES = {429: "TooManyRequestsException", 500: "InternalFailure", 503: "ServiceUnavailable"}


class AwsFront:
    """A proxy on 127.0.0.1 in front of `upstream`; what was taken there is in `accepted`.

    Only emails and documents meet faults, each by its own key; whatever else is asked passes. The
    reports on emails go to `events`, `step_seconds` apart. Port 0 takes a free one; see `url`.
    """

    def __init__(
        self,
        upstream: str,
        *,
        events: str | None = None,
        step_seconds: float = 0.05,
        port: int = 0,
        faults: Plan | None = None,
    ) -> None:
        self.accepted: list[Accepted] = []
        self.faults = Faults(faults)
        self.reporter = Reporter(events, self.faults, step_seconds)
        self._upstream = upstream.rstrip("/")
        self._port = port
        self._stack = AsyncExitStack()
        self._session: aiohttp.ClientSession

    @property
    def url(self) -> str:
        """The base address, to stand in for AWS's endpoints."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.reporter)
        connections = aiohttp.TCPConnector(limit=0)
        # the answer is passed on as it is, not unpacked
        session = aiohttp.ClientSession(connector=connections, auto_decompress=False)
        self._session = await self._stack.enter_async_context(session)
        runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", self._port).start()
        self._port = runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=_LARGEST)
        app.add_routes(self.faults.routes())
        app.router.add_get("/_fake/accepted", self._show_accepted)
        app.router.add_get(CERTIFICATE, self._show_certificate)
        app.router.add_route("*", "/{path:.*}", self._take)
        return app

    async def _show_accepted(self, _: web.Request) -> web.Response:
        return web.json_response(
            [
                {"kind": one.kind, "id": one.id, "to": one.to, "key": one.key}
                for one in self.accepted
            ]
        )

    async def _show_certificate(self, _: web.Request) -> web.Response:
        return web.Response(body=self.reporter.topic.certificate)

    async def _take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if request.method == "POST" and request.path == SEND_EMAIL:
            return await self._email(request, body)
        if _is_document(request):
            return await self._document(request, body)
        return await self._pass_on(request, body)

    async def _email(self, request: web.Request, body: bytes) -> web.StreamResponse:
        asked = json.loads(body)
        tags = tuple((tag["Name"], tag["Value"]) for tag in asked.get("EmailTags", ()))
        key = dict(tags).get(KEY_TAG)

        async def accept() -> web.Response:
            answer = await self._pass_on(request, body)
            if answer.status == _OK and isinstance(answer.body, bytes):
                email = Accepted(
                    kind="Emails",
                    id=json.loads(answer.body)["MessageId"],
                    key=unquote(key.replace("_", "%")) if key else None,
                    to=asked["Destination"]["ToAddresses"][0],
                    tags=tags,
                )
                self.accepted.append(email)
                self.reporter.tell(email, asked.get("FromEmailAddress", ""), self.url)
            return answer

        return await self.faults.answer(request, key or "email", accept, _ses_refusal)

    async def _document(self, request: web.Request, body: bytes) -> web.StreamResponse:
        async def accept() -> web.Response:
            answer = await self._pass_on(request, body)
            if request.method == "PUT" and answer.status == _OK:
                _, _, name = request.path.lstrip("/").partition("/")
                self.accepted.append(Accepted("Documents", name, name))
            return answer

        about = f"{request.method} {request.path}"
        return await self.faults.answer(request, about, accept, _s3_refusal)

    async def _pass_on(self, request: web.Request, body: bytes) -> web.Response:
        target = URL(f"{self._upstream}{request.raw_path}", encoded=True)
        async with self._session.request(
            request.method,
            target,
            headers=_kept(request.headers),
            data=body,
            allow_redirects=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        ) as answer:
            headers = _kept(answer.headers)
            if request.method == "HEAD" and "Content-Length" in answer.headers:
                headers["Content-Length"] = answer.headers["Content-Length"]
            return web.Response(status=answer.status, headers=headers, body=await answer.read())


def _is_document(request: web.Request) -> bool:
    has_name = "/" in request.path.strip("/") and not request.path.startswith(("/v2/", "/moto-api"))
    return has_name and request.method in {"PUT", "GET", "HEAD"}


def _kept(headers: Mapping[str, str]) -> CIMultiDict[str]:
    kept = [(name, value) for name, value in headers.items() if name.lower() not in _HOP]
    return CIMultiDict(kept)


def _ses_refusal(status: int) -> web.Response:
    code = _CODES[status]
    body: dict[str, Any] = {"message": code}
    return web.json_response(body, status=status, headers={"x-amzn-ErrorType": code})


def _s3_refusal(status: int) -> web.Response:
    words = f"<Error><Code>{_CODES[status]}</Code><Message>on purpose</Message></Error>"
    return web.Response(status=status, text=words, content_type="application/xml")
