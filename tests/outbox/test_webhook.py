"""One signed POST to a receiver, and the addresses to which none is sent."""

import base64
import hashlib
import hmac
import json

import pytest
import urllib3

from fakes.billing import Answer, BillingFake
from fakes.broken import BrokenServer, closed_port, http_answer
from providers import webhook
from providers.webhook import HttpWebhook
from schemas.errors import DeliveryRefusedError, InputRefusedError, ProviderUnavailableError
from tests.outbox.build import SECRET
from tests.outbox.build import webhook_settings as settings_at
from tests.providers.conftest import SelfSigned, self_signed

__all__ = ["self_signed"]  # a fixture of the providers' tests

KEY = b"a secret of twenty-four b"
NAME = "acme:INV 1.2:1:closed"
BODY = {"id": NAME, "type": "case_closed", "data": {"reason": "Überwiesen"}}


def to(url: str, seconds: float = 5) -> HttpWebhook:
    found = webhook.connect(settings_at(url, private=True), urllib3.Timeout(seconds))
    assert found is not None
    return found


def test_a_request_is_signed_over_id_moment_and_body() -> None:
    with BillingFake(SECRET) as fake:
        to(fake.url + "?tenant=7").post(NAME, BODY)
    (asked,) = fake.asked
    moment = asked.headers["webhook-timestamp"]
    signed = f"{NAME}.{moment}.".encode() + asked.body
    digest = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert asked.headers["webhook-signature"] == f"v1,{digest}"
    assert asked.headers["webhook-id"] == NAME
    assert asked.headers["content-type"] == "application/json"
    assert asked.path == "/dunning?tenant=7"
    assert json.loads(asked.body) == BODY
    assert list(fake.done) == [NAME]


def test_another_secret_is_refused_by_the_receiver() -> None:
    with BillingFake(base64.b64encode(b"another").decode()) as fake:
        with pytest.raises(ProviderUnavailableError, match=r"^events: the receiver answered 401$"):
            to(fake.url).post(NAME, BODY)
        assert fake.done == {}


@pytest.mark.parametrize("status", [200, 201, 202, 204, 409])
def test_the_receiver_has_it(status: int) -> None:
    with BrokenServer(http_answer(status, "")) as server:
        to(server.url).post(NAME, BODY)  # raises for every other answer
        assert server.received == 1


@pytest.mark.parametrize("status", [302, 307, 400, 401, 404, 422, 429, 500, 503])
def test_anything_else_is_tried_again(status: int) -> None:
    answer = http_answer(status, "no", "Location: http://127.0.0.1:9/\r\n")
    with BrokenServer(answer) as server:
        with pytest.raises(ProviderUnavailableError, match=str(status)):
            to(server.url).post(NAME, BODY)
        assert server.received == 1


def test_gone_means_no_more_events() -> None:
    with BillingFake(SECRET, [410]) as fake, pytest.raises(DeliveryRefusedError, match="410"):
        to(fake.url).post(NAME, BODY)


@pytest.mark.parametrize("answer", ["lost", "silence"])
def test_without_an_answer_it_is_tried_again(answer: Answer) -> None:
    with BillingFake(SECRET, [answer]) as fake:
        with pytest.raises(ProviderUnavailableError):
            to(fake.url, 0.3).post(NAME, BODY)
        to(fake.url).post(NAME, BODY)
    assert [asked.id for asked in fake.asked] == [NAME, NAME]


def test_an_answer_is_judged_by_its_status_and_never_read() -> None:
    endless = b"HTTP/1.1 200 -\r\nContent-Length: 999999999\r\n\r\n" + b"x" * 100
    with BrokenServer(endless) as server:
        to(server.url, 2).post(NAME, BODY)
        assert server.received == 1


def test_nobody_there_is_tried_again_and_the_address_keeps_its_secrets() -> None:
    url = f"http://127.0.0.1:{closed_port()}/x?token=secret"
    found = to(url)
    with pytest.raises(ProviderUnavailableError) as caught:
        found.post(NAME, BODY)
    assert found.where == "127.0.0.1"
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    with BillingFake(SECRET) as fake:
        to(fake.url).post(NAME, BODY)
        assert list(fake.done) == [NAME]


def test_a_certificate_nobody_vouches_for_is_not_trusted(self_signed: SelfSigned) -> None:
    with BrokenServer(http_answer(200, ""), self_signed.context) as server:
        with pytest.raises(ProviderUnavailableError, match="CERTIFICATE_VERIFY_FAILED"):
            to(server.url.replace("http:", "https:")).post(NAME, BODY)
        assert server.received == 0


def test_a_certificate_must_be_that_of_the_name_not_of_the_number_it_leads_to(
    self_signed: SelfSigned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(self_signed.path))
    fake = BillingFake(SECRET)
    listening = fake._server
    listening.socket = self_signed.context.wrap_socket(listening.socket, server_side=True)
    with fake:
        url = fake.url.replace("http:", "https:")
        to(url).post(NAME, BODY)
        with pytest.raises(ProviderUnavailableError, match="Hostname mismatch"):
            to(url.replace("127.0.0.1", "localhost")).post(NAME, BODY)
        assert len(fake.asked) == 1


def test_without_an_address_there_is_no_receiver() -> None:
    assert webhook.connect(settings_at(None)) is None


@pytest.mark.parametrize("secret", [None, "", "whsec_", "whsec_not base64!"])
def test_an_address_without_a_secret_to_sign_with_is_refused(secret: str | None) -> None:
    words = "DUNNING_EVENTS_SECRET must be set beside DUNNING_EVENTS_URL"
    with pytest.raises(InputRefusedError, match=words):
        webhook.connect(settings_at("https://billing.example.com/", secret))
