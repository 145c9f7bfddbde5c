"""Email through any SMTP server, for creditors with their own mail relay."""

import hashlib
import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

from providers.classify import effect_errors
from providers.headers import headers_of
from schemas.errors import DeliveryRefusedError, ProviderUnavailableError
from schemas.messages import Email, Sent
from settings import Settings

TIMEOUT_SECONDS = 20.0

# not every relay announces 8BITMIME; seven bits pass everywhere
_POLICY = SMTP.clone(cte_type="7bit")


class SmtpEmail:
    """An EmailSender on SMTP: one connection an email, each wait at most `timeout` seconds."""

    def __init__(self, settings: Settings, timeout: float = TIMEOUT_SECONDS) -> None:
        self._settings = settings
        self._timeout = timeout

    def send_email(self, email: Email) -> Sent:
        """Send text and HTML; returns the Message-ID, raises one of the three effect errors."""
        with effect_errors("smtp", email.to, known=DeliveryRefusedError):
            message = compose(email, self._settings.email_from)
        with effect_errors("smtp", email.to, known=ProviderUnavailableError):
            server = self._open()
        try:
            with effect_errors("smtp", email.to):
                server.send_message(message)
        finally:
            _leave(server)
        return Sent("smtp", str(message["Message-ID"]))

    def _open(self) -> smtplib.SMTP:
        where = self._settings
        server = smtplib.SMTP(where.smtp_host, where.smtp_port, timeout=self._timeout)
        try:
            self._greet(server)
        except BaseException:
            server.close()
            raise
        return server

    def _greet(self, server: smtplib.SMTP) -> None:
        if self._settings.smtp_starttls:
            server.starttls(context=ssl.create_default_context())
        if self._settings.smtp_user and self._settings.smtp_password:
            server.login(self._settings.smtp_user, self._settings.smtp_password.get_secret_value())
        # here, not while sending: a greeting that fails proves that nothing was sent
        server.ehlo_or_helo_if_needed()


def compose(email: Email, sender: str) -> EmailMessage:
    """Write the message; the same key always gives the same Message-ID."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = email.to
    message["Subject"] = email.subject
    message["Message-ID"] = message_id(email.key, sender)
    for name, value in headers_of(email).items():
        del message[name]
        message[name] = value
    message.set_content(email.text)
    message.add_alternative(email.html, subtype="html")
    for one in email.attachments:
        kind, _, form = one.content_type.partition("/")
        message.add_attachment(one.body, maintype=kind, subtype=form, filename=one.name)
    return message


def message_id(key: str, sender: str) -> str:
    """Name the message after its effect key, under the sender's own domain."""
    domain = parseaddr(sender)[1].rpartition("@")[2]
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def _leave(server: smtplib.SMTP) -> None:
    # the server has already taken or refused the message: a failing farewell changes nothing
    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()
