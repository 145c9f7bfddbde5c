"""Where events may go: public addresses, looked at before each connection."""

import socket
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import pytest
import urllib3

from fakes.billing import BillingFake
from fakes.broken import BrokenServer, http_answer
from providers import webhook
from providers.webhook import HttpWebhook, is_public
from schemas.errors import InputRefusedError, ProviderUnavailableError
from tests.outbox.build import SECRET
from tests.outbox.build import webhook_settings as settings_at

KEY = b"a secret of twenty-four b"
NAME = "acme:INV-1:1:closed"
BODY = {"id": NAME}
PUBLIC = "93.184.215.14"


def resolving(*addresses: str) -> Callable[..., list[Any]]:
    def getaddrinfo(_: str, port: int, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    return getaddrinfo


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",  # noqa: S104 - it is refused
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_that_is_not_public_is_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_public(ip_address(address))
    monkeypatch.setattr(socket, "getaddrinfo", resolving(address))
    monkeypatch.setattr(socket, "socket", lambda *_: pytest.fail("a connection was made"))
    found = webhook.connect(settings_at("https://billing.example.com/"))
    assert found is not None
    with pytest.raises(ProviderUnavailableError, match="not a public address"):
        found.post(NAME, BODY)


@pytest.mark.parametrize(
    "address", [PUBLIC, "8.8.8.8", "::ffff:8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]
)
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_one_private_address_among_public_ones_is_one_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving(PUBLIC, "127.0.0.1"))
    with pytest.raises(ProviderUnavailableError, match=r"leads to 127\.0\.0\.1"):
        HttpWebhook("https://billing.example.com/", KEY).post(NAME, BODY)


@pytest.mark.parametrize("name", ["localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1"])
def test_a_name_that_leads_to_this_machine_is_refused_without_a_connection(name: str) -> None:
    with BrokenServer(http_answer(200, "")) as server:
        with pytest.raises(ProviderUnavailableError, match="not a public address"):
            HttpWebhook(f"https://{name}:{server.port}/", KEY).post(NAME, BODY)
        assert server.received == 0


def test_the_connection_goes_to_the_address_that_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that is public when it is checked and private a moment later (DNS rebinding)."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: str, port: int, *rest: Any, **more: Any) -> list[Any]:  # noqa: ANN401 - as the real one
        asked.append(host)
        if host != "billing.example.com":
            return real(host, port, *rest, **more)
        return resolving(PUBLIC if asked.count(host) == 1 else "127.0.0.1")(host, port)

    def refuse(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        raise OSError(f"connected to {address[0]}")

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(urllib3.util.connection, "create_connection", refuse)
    with pytest.raises(ProviderUnavailableError, match=f"connected to {PUBLIC}"):
        HttpWebhook("https://billing.example.com/", KEY).post(NAME, BODY)
    assert asked == ["billing.example.com"]


def test_the_next_address_is_tried_when_nobody_listens_at_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = socket.getaddrinfo

    def two(host: str, port: int, *rest: Any, **more: Any) -> list[Any]:  # noqa: ANN401 - as the real one
        if host == "billing.test":
            return resolving("127.0.0.2", "127.0.0.1")(host, port)
        return real(host, port, *rest, **more)

    with BillingFake(SECRET) as fake:
        monkeypatch.setattr(socket, "getaddrinfo", two)
        url = fake.url.replace("127.0.0.1", "billing.test")
        HttpWebhook(url, KEY, allow_private=True).post(NAME, BODY)
    (asked,) = fake.asked
    assert asked.headers["host"].startswith("billing.test:")


def test_a_name_nobody_knows_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ProviderUnavailableError, match="Name or service not known"):
        HttpWebhook("https://billing.example.com/", KEY).post(NAME, BODY)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "http://billing.example.com/",
        "ftp://billing.example.com/",
        "file:///etc/passwd",
        "billing.example.com",
        "https://",
        "https://[::1/",
        "https://billing.example.com:many/",
        "https://billing.example.com:0/",
        "https://u:pw@billing.example.com/",
        "https://büro.example.com/",
    ],
)
def test_an_address_that_cannot_be_right_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(InputRefusedError, match="DUNNING_EVENTS_URL must be an https address"):
        webhook.connect(settings_at(url))


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://billing.example.com/x", False),
        ("https://8.8.8.8/", False),
        ("http://billing.internal/", True),
        ("https://10.0.0.1/", True),
        ("http://127.0.0.1:8080/", True),
    ],
)
def test_public_https_is_taken_and_the_rest_where_it_is_allowed(url: str, allowed: bool) -> None:
    found = webhook.connect(settings_at(url, private=allowed))
    assert isinstance(found, HttpWebhook)
