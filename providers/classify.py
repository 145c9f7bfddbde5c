"""The one place that says what an error of a provider's library means for the effect.

Only what is known counts: a refusal and a failed connection prove that nothing happened; whatever
proves nothing leaves the outcome unknown. The library's exception is never chained, because its
text may carry an address or a number and a chain would be written into workflow histories.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from botocore import exceptions as aws
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from urllib3 import exceptions as urllib3

from providers.redact import bounded
from schemas.errors import (
    DeliveryRefusedError,
    EffectError,
    OutcomeUnknownError,
    ProviderUnavailableError,
)

Verdict = type[EffectError]

# these speak of us, of the address or of the moment, not of the message: once that is mended,
# the same message goes through
_NOT_THE_MESSAGE = {401, 403, 404, 405, 407, 409, 429}
_FIRST_REFUSAL = 400
_REQUEST_TIMEOUT = 408
_FIRST_FAULT = 500

_AWS_NOT_THE_MESSAGE = {
    "AccountSuspendedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "LimitExceededException",
    "MailFromDomainNotVerifiedException",
    "RequestExpired",
    "RequestLimitExceeded",
    "RequestThrottled",
    "SendingPausedException",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "UnrecognizedClientException",
}
_AWS_NEVER_SENT = (
    aws.EndpointConnectionError,
    aws.ConnectTimeoutError,
    aws.ProxyConnectionError,
    aws.NoCredentialsError,
    aws.PartialCredentialsError,
    aws.CredentialRetrievalError,
    aws.TokenRetrievalError,
    aws.NoRegionError,
)
# credentials, suspended account, rate, full queue, daily cap
_TWILIO_NOT_THE_MESSAGE = {20003, 20005, 20429, 21611, 63038}
_REQUESTS_NEVER_SENT = (
    requests.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
)
# a refused parameter is not among them: botocore quotes the value, which may be the whole email
_QUOTABLE = (aws.BotoCoreError, aws.ClientError, requests.RequestException, OSError)
# a TLS error may also strike after the request was sent; only these belong to the handshake
_HANDSHAKE_REASONS = {
    "NO_PROTOCOLS_AVAILABLE",
    "RECORD_LAYER_FAILURE",
    "SSLV3_ALERT_HANDSHAKE_FAILURE",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "TLSV1_UNRECOGNIZED_NAME",
    "UNSUPPORTED_PROTOCOL",
    "WRONG_VERSION_NUMBER",
}


@contextmanager
def effect_errors(provider: str, to: str = "", known: Verdict | None = None) -> Iterator[None]:
    """Let out nothing but the three effect errors; their text never names `to`.

    `known` is given where the code already proves what happened, whatever the exception.
    """
    try:
        yield
    except EffectError:
        raise
    except Exception as error:  # noqa: BLE001 - the port promises three errors and no others
        verdict = known or verdict_on(error)
        raise verdict(bounded(f"{provider}: {_words(error)}", to)) from None


def verdict_on(error: Exception) -> Verdict:
    """Say which effect error `error` amounts to; what is not recognised is an unknown outcome."""
    if isinstance(error, aws.BotoCoreError | aws.ClientError):
        return _aws(error)
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return _twilio(error.status, error.code)
    if isinstance(error, requests.RequestException):
        return _requests(error)
    if isinstance(error, smtplib.SMTPException):
        return _smtp(error)
    return OutcomeUnknownError


def _by_status(status: int) -> Verdict:
    if status in _NOT_THE_MESSAGE or status < _FIRST_REFUSAL:
        return ProviderUnavailableError
    if status >= _FIRST_FAULT or status == _REQUEST_TIMEOUT:
        return OutcomeUnknownError
    return DeliveryRefusedError


def _aws(error: aws.BotoCoreError | aws.ClientError) -> Verdict:
    if isinstance(error, aws.ClientError):
        return _aws_answer(error)
    if isinstance(error, aws.SSLError):
        return _tls(error)
    if isinstance(error, _AWS_NEVER_SENT):
        return ProviderUnavailableError
    if isinstance(error, aws.ParamValidationError):
        return DeliveryRefusedError
    return OutcomeUnknownError


def _aws_answer(error: aws.ClientError) -> Verdict:
    if error.response.get("Error", {}).get("Code") in _AWS_NOT_THE_MESSAGE:
        return ProviderUnavailableError
    # without a status nothing is proved
    answer = error.response.get("ResponseMetadata", {})
    return _by_status(answer.get("HTTPStatusCode", _FIRST_FAULT))


def _twilio(status: int, code: int | None) -> Verdict:
    return ProviderUnavailableError if code in _TWILIO_NOT_THE_MESSAGE else _by_status(status)


def _requests(error: requests.RequestException) -> Verdict:
    if isinstance(error, requests.exceptions.SSLError):
        return _tls(error)
    if isinstance(error, _REQUESTS_NEVER_SENT):
        return ProviderUnavailableError
    # requests calls a refused connection and a lost answer both ConnectionError
    reasons = (getattr(cause, "reason", None) for cause in error.args)
    if any(isinstance(reason, urllib3.NewConnectionError) for reason in reasons):
        return ProviderUnavailableError
    return OutcomeUnknownError


def _tls(error: BaseException) -> Verdict:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return ProviderUnavailableError
        if isinstance(cause, ssl.SSLError) and cause.reason in _HANDSHAKE_REASONS:
            return ProviderUnavailableError
    return OutcomeUnknownError


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk to the root; the libraries chain some causes and only pass others as arguments."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        inner = [getattr(seen, "reason", None), *seen.args, seen.__cause__, seen.__context__]
        seen = next((cause for cause in inner if isinstance(cause, BaseException)), None)


def _smtp(error: smtplib.SMTPException) -> Verdict:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _smtp_reply(*(code for code, _ in error.recipients.values()))
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return DeliveryRefusedError
    if isinstance(error, smtplib.SMTPResponseException):
        return _smtp_reply(error.smtp_code)
    return OutcomeUnknownError


def _smtp_reply(*codes: int) -> Verdict:
    permanent = all(code >= 500 for code in codes)  # noqa: PLR2004 - SMTP's border of "never"
    temporary = all(400 <= code < 500 for code in codes)  # noqa: PLR2004 - SMTP's "not now"
    if permanent:
        return DeliveryRefusedError
    return ProviderUnavailableError if temporary else OutcomeUnknownError


def _words(error: Exception) -> str:
    """Quote only libraries whose messages are known; any other text may hold anything."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return " ".join(_reply(*answer) for answer in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return _reply(error.smtp_code, error.smtp_error)
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return _twilio_words(error)
    quotable = isinstance(error, _QUOTABLE) and not isinstance(error, aws.ParamValidationError)
    return f"{type(error).__name__}: {error}" if quotable else type(error).__name__


def _twilio_words(error: TwilioRestException | TwilioServiceException) -> str:
    # str(error) would hold colours and the account's path
    if isinstance(error, TwilioRestException):
        return f"{error.status} {error.code} {error.msg}"
    return f"{error.status} {error.code} {error.title} {error.detail or ''}"


def _reply(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {words}"
