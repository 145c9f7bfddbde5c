"""The billing system: the real client against a stand-in, and against servers that let it down."""

import base64
import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from pydantic import SecretStr, ValidationError

from fakes.billing import Answer, BillingFake
from fakes.broken import BrokenServer, Failing, closed_port, http_answer
from providers import billing, standard_webhooks
from schemas.billing import BillingRequest
from schemas.errors import (
    DeliveryRefusedError,
    EffectError,
    InputRefusedError,
    OutcomeUnknownError,
    ProviderUnavailableError,
)
from schemas.messages import Sent
from schemas.money import Amount
from settings import Settings
from tests.providers.conftest import SelfSigned

ROOT = Path(__file__).resolve().parents[2]
SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four b").decode()
KEY = "demo:INV 1.2:1:suspend:suspend#2"
REQUEST = BillingRequest(
    key=KEY,
    do="suspend",
    creditor="demo",
    invoice="INV 1.2",
    customer="C-1",
    episode=1,
    step="suspend",
    at=datetime(2026, 2, 1, 9, tzinfo=UTC),
    amount_open=Amount.of(100_050, "EUR"),
)


def settings_at(url: str | None, secret: str | None = SECRET) -> Settings:
    return Settings(billing_url=url, billing_secret=SecretStr(secret) if secret else None)


def ask(url: str, secret: str = SECRET, read_seconds: float = 5) -> Sent:
    return billing.connect(settings_at(url, secret), read_seconds).ask(REQUEST)


def test_a_request_says_what_is_asked_about_which_invoice_and_no_more() -> None:
    with BillingFake(SECRET) as fake:
        assert ask(fake.url) == Sent("billing", "B-1")
    (asked,) = fake.asked
    assert asked.path == "/dunning"
    assert asked.content == {
        "schema": "dunning-request/1",
        "key": KEY,
        "do": "suspend",
        "creditor": "demo",
        "invoice": "INV 1.2",
        "customer": "C-1",
        "episode": 1,
        "step": "suspend",
        "at": "2026-02-01T09:00:00Z",
        "amount_open": {"amount": "1000.50", "currency": "EUR"},
    }


def test_a_request_carries_its_key_as_its_id() -> None:
    with BillingFake(SECRET) as fake:
        ask(fake.url)
    headers = fake.asked[0].headers
    assert (headers["webhook-id"], headers["idempotency-key"]) == (KEY, KEY)
    assert headers["content-type"] == "application/json"


def test_the_page_for_receivers_shows_a_request_as_it_is_sent() -> None:
    page = (ROOT / "docs" / "contracts" / "billing.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^{.*?}}$", page, re.MULTILINE | re.DOTALL)
    assert BillingRequest.model_validate_json(shown).model_dump(mode="json") == json.loads(shown)
    for name in json.loads(shown):
        assert f"`{name}`" in page or name in {"schema", "creditor", "invoice", "customer"}


def test_the_moment_of_sending_is_signed_so_that_an_old_request_can_be_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(standard_webhooks, "time", SimpleNamespace(time=lambda: time.time() - 301))
    with BillingFake(SECRET) as fake, pytest.raises(ProviderUnavailableError, match="401"):
        ask(fake.url)
    assert fake.done == {}


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example of the specification's reference libraries, computed by them."""
    key = standard_webhooks.signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "X_SECRET")
    before, body = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.", b'{"test": 2432232314}'
    signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert standard_webhooks.signature(key, before, body) == signature


def test_a_secret_of_plain_text_signs_with_its_bytes() -> None:
    plain = "s3cret of plain text"
    with BillingFake(base64.b64encode(plain.encode()).decode()) as fake:
        assert ask(fake.url, plain).reference == "B-1"


def test_what_was_done_before_is_done() -> None:
    with BillingFake(SECRET) as fake:
        assert [ask(fake.url) for _ in range(2)] == [Sent("billing", "B-1")] * 2
    assert len(fake.asked) == 2
    assert list(fake.done) == [KEY]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="empty"),
        pytest.param("thanks", id="no json"),
        pytest.param("[]", id="list"),
        pytest.param('{"reference": null}', id="null"),
        pytest.param('{"reference": 7}', id="number"),
        pytest.param('{"reference": "a b"}', id="blank"),
        pytest.param('{"reference": "nul\\u0000"}', id="nul"),
        pytest.param('{"reference": "' + "x" * 201 + '"}', id="long"),
        pytest.param("[" * 60_000, id="deep"),
    ],
)
def test_without_a_usable_reference_the_key_stands_for_it(body: str) -> None:
    with BrokenServer(http_answer(200, body)) as server:
        assert ask(server.url) == Sent("billing", KEY)


def test_an_answer_that_breaks_off_after_its_yes_is_a_yes() -> None:
    cut = b"HTTP/1.1 200 -\r\nContent-Length: 500\r\nConnection: close\r\n\r\n{"
    with BrokenServer(cut) as server:
        assert ask(server.url) == Sent("billing", KEY)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (400, DeliveryRefusedError),
        (404, DeliveryRefusedError),
        (410, DeliveryRefusedError),
        (422, DeliveryRefusedError),
        (302, ProviderUnavailableError),
        (401, ProviderUnavailableError),
        (403, ProviderUnavailableError),
        (429, ProviderUnavailableError),
        (503, ProviderUnavailableError),
        (408, OutcomeUnknownError),
        (500, OutcomeUnknownError),
        (502, OutcomeUnknownError),
        (504, OutcomeUnknownError),
    ],
)
def test_a_status_says_what_became_of_the_request(status: int, verdict: type[EffectError]) -> None:
    told = rf"^billing: {status} the invoice is unknown$"
    with (
        BillingFake(SECRET, [status], message="the invoice is unknown") as fake,
        pytest.raises(verdict, match=told),
    ):
        ask(fake.url)
    assert len(fake.asked) == 1
    assert fake.done == {}


def test_a_redirection_is_not_followed() -> None:
    with BillingFake(SECRET, [302]) as fake, pytest.raises(ProviderUnavailableError):
        ask(fake.url)
    assert [asked.path for asked in fake.asked] == ["/dunning"]


def test_a_wrong_secret_is_told_apart_from_a_refusal() -> None:
    with BillingFake(SECRET) as fake, pytest.raises(ProviderUnavailableError, match="401"):
        ask(fake.url, "another secret")
    assert fake.done == {}


@pytest.mark.parametrize("answer", ["lost", "silence"])
def test_an_answer_that_never_comes_leaves_the_outcome_unknown_until_asked_again(
    answer: Answer,
) -> None:
    with BillingFake(SECRET, [answer]) as fake:
        with pytest.raises(OutcomeUnknownError):
            ask(fake.url, read_seconds=0.3)
        assert ask(fake.url) == Sent("billing", "B-1")
    assert [asked.id for asked in fake.asked] == [KEY, KEY]
    assert list(fake.done) == [KEY]


@pytest.mark.parametrize("failing", ["reset", "silence"])
def test_a_connection_that_dies_after_the_request_proves_nothing(failing: Failing) -> None:
    with BrokenServer(failing) as server:
        with pytest.raises(OutcomeUnknownError):
            ask(server.url, read_seconds=0.3)
        assert server.received == 1


def test_nobody_there_means_certainly_not_done() -> None:
    with pytest.raises(ProviderUnavailableError):
        ask(f"http://127.0.0.1:{closed_port()}/")


def test_a_certificate_nobody_vouches_for_is_not_trusted(self_signed: SelfSigned) -> None:
    with BrokenServer(http_answer(200, "{}"), self_signed.context) as server:
        with pytest.raises(ProviderUnavailableError):
            ask(server.url.replace("http:", "https:"))
        assert server.received == 0


def test_a_sentence_is_kept_on_one_short_line_that_any_table_takes() -> None:
    body = json.dumps({"message": "a\0b\ud800c\n" + "d" * 400})
    with (
        BrokenServer(http_answer(422, body)) as server,
        pytest.raises(DeliveryRefusedError) as caught,
    ):
        ask(server.url)
    assert str(caught.value).startswith("billing: 422 a b c ddd")
    assert len(str(caught.value)) <= 300


def test_without_an_address_every_request_is_refused_and_the_setting_named() -> None:
    with pytest.raises(DeliveryRefusedError, match="asked to suspend: set DUNNING_BILLING_URL"):
        billing.connect(settings_at(None)).ask(REQUEST)


@pytest.mark.parametrize(
    "url",
    [
        "http://billing.example.com/",
        "http://10.0.0.1/",
        "http://127.0.0.1.example.com/",
        "ftp://127.0.0.1/",
        "billing.example.com",
        "https://",
        "https://[::1/",
        "https://billing.example.com:many/",
    ],
)
def test_an_address_that_would_be_read_on_the_way_is_refused(url: str) -> None:
    with pytest.raises(InputRefusedError, match="must be an https address"):
        billing.connect(settings_at(url))


@pytest.mark.parametrize(
    "url", ["https://billing.example.com/x", "http://localhost:8080/", "http://[::1]:80/"]
)
def test_https_anywhere_and_http_on_this_machine_are_taken(url: str) -> None:
    assert isinstance(billing.connect(settings_at(url)), billing.HttpBilling)


@pytest.mark.parametrize("secret", [None, "", "whsec_", "whsec_not base64!", "whsec_é"])
def test_an_address_without_a_secret_to_sign_with_is_refused(secret: str | None) -> None:
    with pytest.raises(InputRefusedError, match="DUNNING_BILLING_SECRET"):
        billing.connect(settings_at("https://billing.example.com/", secret))


def test_what_is_said_of_the_address_at_the_start_holds_no_secret() -> None:
    found = billing.connect(settings_at("https://u:pw@billing.example.com/x?token=t"))
    assert found.where == "at billing.example.com"
    assert "DUNNING_BILLING_URL" in billing.connect(settings_at(None)).where


@pytest.mark.parametrize(
    "change",
    [{"do": "email"}, {"episode": 0}, {"at": datetime(2026, 2, 1)}, {"name": "W. Geheimrat"}],  # noqa: DTZ001 - a naive time is what is refused
    ids=["do", "episode", "naive", "name"],
)
def test_a_request_that_is_none_is_never_made(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        BillingRequest.model_validate(REQUEST.model_dump(by_alias=True) | change)
