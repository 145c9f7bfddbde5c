"""The fake's HTTP server; it listens on this machine only."""

import asyncio
import base64
import hmac
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from typing import Self

from aiohttp import web
from aiohttp.typedefs import Handler as Next

from fakes.faults import Accept, Faults, Plan
from fakes.twilio.callbacks import Callbacks
from fakes.twilio.listing import page
from fakes.twilio.playing import play_call, play_message
from fakes.twilio.records import API_VERSION, CallRecord, MessageRecord, Record
from fakes.twilio.refusals import (
    RefusedError,
    check_call,
    check_message,
    not_authenticated,
    not_found,
    out_of_order,
)

_ACCOUNT = f"/{API_VERSION}/Accounts/{{account}}"
_RETRY_SECONDS = 0.2
# a caller who was let down with silence is not waited for at the end
_SHUTDOWN_SECONDS = 0.5


class TwilioFake:
    """A Twilio account on 127.0.0.1; everything it received stays in `calls` and `messages`.

    `step_seconds` is the time between two states. Port 0 takes a free one; see `url`. What goes
    wrong on purpose is drawn from `faults`.
    """

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        step_seconds: float = 0.05,
        port: int = 0,
        faults: Plan | None = None,
    ) -> None:
        self.calls: list[CallRecord] = []
        self.messages: list[MessageRecord] = []
        self.faults = Faults(faults)
        self.callbacks = Callbacks(auth_token, _RETRY_SECONDS, self.faults)
        self._account_sid = account_sid
        self._auth_token = auth_token
        self._step_seconds = step_seconds
        self._port = port
        self._stack = AsyncExitStack()
        self._playing: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The base address, to stand in for https://api.twilio.com."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.callbacks)
        runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        self._stack.push_async_callback(self._stop_playing)
        await web.TCPSite(runner, "127.0.0.1", self._port).start()
        self._port = runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def settled(self) -> None:
        """Wait until every call and message has ended and every callback was posted."""
        while self._playing:
            await asyncio.gather(*self._playing)
        await self.callbacks.settled()

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[_answer_refusals])
        app.add_routes(
            [
                web.post(_ACCOUNT + "/Calls.json", self._create_call),
                web.get(_ACCOUNT + "/Calls.json", self._list_calls),
                web.get(_ACCOUNT + "/Calls/{sid}.json", self._show_call),
                web.post(_ACCOUNT + "/Messages.json", self._create_message),
                web.get(_ACCOUNT + "/Messages.json", self._list_messages),
                web.get(_ACCOUNT + "/Messages/{sid}.json", self._show_message),
                web.get("/_fake/calls", self._heard_calls),
                web.get("/_fake/messages", self._read_messages),
                web.get("/_fake/accepted", self._show_accepted),
                *self.faults.routes(),
            ]
        )
        return app

    async def _create_call(self, request: web.Request) -> web.StreamResponse:
        self._authenticate(request)
        form = await request.post()
        fields = {name: str(value) for name, value in form.items()}
        check_call(fields)
        events = tuple(str(value) for value in form.getall("StatusCallbackEvent", []))
        # Twilio also takes several events in one field, parted by spaces
        call = CallRecord(self._account_sid, fields, tuple(" ".join(events).split()))

        async def accept() -> web.Response:
            self.calls.append(call)
            created = web.json_response(call.as_json(), status=201)
            self._play(play_call(call, self.callbacks, self._step_seconds))
            return created

        return await self._answer(request, call.key or call.to, accept)

    async def _create_message(self, request: web.Request) -> web.StreamResponse:
        self._authenticate(request)
        fields = {name: str(value) for name, value in (await request.post()).items()}
        check_message(fields)
        message = MessageRecord(self._account_sid, fields)

        async def accept() -> web.Response:
            self.messages.append(message)
            created = web.json_response(message.as_json(), status=201)
            self._play(play_message(message, self.callbacks, self._step_seconds))
            return created

        return await self._answer(request, message.key or message.to, accept)

    async def _list_calls(self, request: web.Request) -> web.StreamResponse:
        return await self._list(request, "Calls", self.calls)

    async def _list_messages(self, request: web.Request) -> web.StreamResponse:
        return await self._list(request, "Messages", self.messages)

    async def _list(
        self, request: web.Request, kind: str, records: Sequence[Record]
    ) -> web.StreamResponse:
        self._authenticate(request)

        async def accept() -> web.Response:
            return web.json_response(page(kind, self._account_sid, records, request.query))

        return await self._answer(request, request.path_qs, accept)

    async def _answer(self, request: web.Request, about: str, accept: Accept) -> web.StreamResponse:
        return await self.faults.answer(
            request, about, accept, lambda status: out_of_order(status).response()
        )

    async def _show_call(self, request: web.Request) -> web.Response:
        self._authenticate(request)
        return _show(self.calls, request)

    async def _show_message(self, request: web.Request) -> web.Response:
        self._authenticate(request)
        return _show(self.messages, request)

    async def _heard_calls(self, _: web.Request) -> web.Response:
        return web.json_response([call.as_heard() for call in self.calls])

    async def _read_messages(self, _: web.Request) -> web.Response:
        return web.json_response([message.as_json() for message in self.messages])

    async def _show_accepted(self, _: web.Request) -> web.Response:
        """Show everything that reached a person, with the key its sender gave it."""
        return web.json_response(
            [
                {"kind": one.kind, "sid": one.sid, "to": one.to, "key": one.key}
                for one in (*self.calls, *self.messages)
            ]
        )

    def _authenticate(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "")
        login = f"{self._account_sid}:{self._auth_token}".encode()
        if not hmac.compare_digest(given.encode(), b"Basic " + base64.b64encode(login)):
            raise not_authenticated()
        if request.match_info["account"] != self._account_sid:
            raise not_found(request.path)

    def _play(self, play: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(play)
        self._playing.add(task)
        task.add_done_callback(self._playing.discard)

    async def _stop_playing(self) -> None:
        tasks = [*self._playing, *self.callbacks.put_off]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _show(records: list[CallRecord] | list[MessageRecord], request: web.Request) -> web.Response:
    sid = request.match_info["sid"]
    found: Record | None = next((record for record in records if record.sid == sid), None)
    if found is None:
        raise not_found(request.path)
    return web.json_response(found.as_json())


@web.middleware
async def _answer_refusals(request: web.Request, handler: Next) -> web.StreamResponse:
    try:
        return await handler(request)
    except RefusedError as refused:
        return refused.response()
    except web.HTTPNotFound:
        return not_found(request.path).response()
