"""What the fake refuses, with Twilio's codes and in Twilio's JSON."""

import re
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web

from fakes.twilio.endings import suffix

Form = Mapping[str, str]

_E164 = re.compile(r"^\+[1-9]\d{6,14}$")
_SENDER = re.compile(r"^(\+[1-9]\d{6,14}|\d{3,6}|[A-Za-z0-9 ]{1,11})$")
_URL = re.compile(r"^https?://\S+$")
_LONGEST_BODY = 1600


class RefusedError(Exception):
    """The request is answered with an error body instead of a resource."""

    def __init__(self, code: int, message: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.code = code
        self.status = status

    def response(self) -> web.Response:
        """Write the error as Twilio does."""
        body = {
            "code": self.code,
            "message": str(self),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": int(self.status),
        }
        return web.json_response(body, status=self.status)


def check_call(form: Form) -> None:
    """Raise RefusedError for a call that Twilio would not place."""
    _check_to(form, missing=21201)
    _check_from(form, _E164, missing=21213)
    _check_voice(form)
    _check_url(form, "StatusCallback", 21209)
    _check_script(form["To"], {})


def check_message(form: Form) -> None:
    """Raise RefusedError for a message that Twilio would not take."""
    _check_to(form, missing=21604)
    if not form.get("MessagingServiceSid"):
        _check_from(form, _SENDER, missing=21603)
    _check_body(form)
    _check_url(form, "StatusCallback", 21609)
    _check_script(form["To"], _MESSAGE_SCRIPT)


def not_found(path: str) -> RefusedError:
    """Refuse a resource that does not exist."""
    words = f"The requested resource {path} was not found"
    return RefusedError(20404, words, HTTPStatus.NOT_FOUND)


def not_authenticated() -> RefusedError:
    """Refuse wrong or missing credentials."""
    return RefusedError(20003, "Authenticate", HTTPStatus.UNAUTHORIZED)


def out_of_order(status: int) -> RefusedError:
    """Refuse for a reason that lies in Twilio alone: 429, 500 or 503."""
    return RefusedError(20000 + status, HTTPStatus(status).phrase, status)


def _check_to(form: Form, missing: int) -> None:
    if not form.get("To"):
        raise RefusedError(missing, "No 'To' number is specified")
    if not _E164.match(form["To"]):
        raise _invalid_to(form["To"])


def _invalid_to(number: str) -> RefusedError:
    return RefusedError(21211, f"The 'To' number {number} is not a valid phone number")


def _check_from(form: Form, pattern: re.Pattern[str], missing: int) -> None:
    if not form.get("From"):
        raise RefusedError(missing, "A 'From' phone number is required")
    if not pattern.match(form["From"]):
        raise RefusedError(21212, f"The 'From' number {form['From']} is not a valid phone number")


def _check_voice(form: Form) -> None:
    if not (form.get("Twiml") or form.get("Url") or form.get("ApplicationSid")):
        raise RefusedError(21205, "Url parameter is required")
    if not form.get("Twiml"):
        _check_url(form, "Url", 21205)


def _check_url(form: Form, field: str, code: int) -> None:
    if form.get(field) and not _URL.match(form[field]):
        raise RefusedError(code, f"{field} is not a valid URL: {form[field]}")


def _check_body(form: Form) -> None:
    if not form.get("Body"):
        raise RefusedError(21602, "Message body is required")
    if len(form["Body"]) > _LONGEST_BODY:
        raise RefusedError(21617, f"The message body exceeds {_LONGEST_BODY} characters")


_MESSAGE_SCRIPT = {
    "0010": (21610, "Attempt to send to unsubscribed recipient {to}"),
    "0011": (21614, "'To' number {to} is not a valid mobile number"),
}


def _check_script(to: str, script: Mapping[str, tuple[int, str]]) -> None:
    """Refuse the numbers whose last digits ask for it."""
    digits = suffix(to)
    if digits in script:
        code, words = script[digits]
        raise RefusedError(code, words.format(to=to))
    if digits == "0012":
        raise _invalid_to(to)
    if digits == "0429":
        raise RefusedError(20429, "Too Many Requests", HTTPStatus.TOO_MANY_REQUESTS)
    if digits == "0500":
        words = "An internal server error has occurred"
        raise RefusedError(20500, words, HTTPStatus.INTERNAL_SERVER_ERROR)
