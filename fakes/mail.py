"""An SMTP server that keeps what it gets, and misbehaves on request."""

import asyncio
import ssl
from contextlib import AsyncExitStack
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Literal, Self, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

ACCEPTED = "250 kept"

Ending = Literal["keep", "drop", "hang", "rude"]


class MailCatcher:
    """An SMTP server on 127.0.0.1; every email it took stays in `messages`.

    `ending` says what follows a complete email: `keep` takes it, `drop` cuts the connection
    without an answer, `hang` never answers, `rude` takes it but ignores the farewell.
    `rcpt_reply` and `content_reply` replace the server's "yes" to the recipient and to the
    content. With `user`, a login is required; with `tls`, STARTTLS is.
    """

    def __init__(
        self,
        *,
        ending: Ending = "keep",
        rcpt_reply: str | None = None,
        content_reply: str | None = None,
        user: str | None = None,
        password: str | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.messages: list[EmailMessage] = []
        self.farewells = 0
        self.port = 0
        self._ending = ending
        self._rcpt_reply = rcpt_reply
        self._content_reply = content_reply
        self._login = (user, password) if user else None
        self._tls = tls
        self._never = asyncio.Event()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._protocol, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._stack.callback(server.close)
        self._stack.callback(self._never.set)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def _protocol(self) -> SMTP:
        return SMTP(
            self,
            hostname="catcher.invalid",
            tls_context=self._tls,
            require_starttls=self._tls is not None,
            auth_require_tls=False,
            authenticator=self._authenticate,
        )

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: object
    ) -> AuthResult:
        login = cast("LoginPassword", given)
        pair = (login.login.decode(), login.password.decode())
        return AuthResult(success=pair == self._login, handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd looks for this name
        self, _server: SMTP, session: Session, envelope: Envelope, sender: str, _options: list[str]
    ) -> str:
        """Take the sender, if logged in where a login is required."""
        # aiosmtpd could ask for the login itself, but warns against doing so without TLS
        if self._login and not session.authenticated:
            return "530 login required"
        envelope.mail_from = sender
        return ACCEPTED

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for this name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take or refuse the recipient."""
        if self._rcpt_reply:
            return self._rcpt_reply
        envelope.rcpt_tos.append(address)
        return ACCEPTED

    async def handle_DATA(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take the email, refuse it, or leave the sender without an answer."""
        if self._content_reply:
            return self._content_reply
        content = cast("bytes", envelope.content)
        self.messages.append(message_from_bytes(content, policy=default))
        if self._ending == "drop":
            cast("asyncio.Transport", server.transport).abort()
        if self._ending == "hang":
            await self._never.wait()
        return ACCEPTED

    async def handle_QUIT(  # noqa: N802 - aiosmtpd looks for this name
        self, _server: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        """Answer the farewell, or ignore it."""
        self.farewells += 1
        if self._ending == "rude":
            await self._never.wait()
        return "221 bye"
