"""The mail catcher, as the standard library's client sees it."""

import asyncio
import smtplib

import pytest

from fakes.mail import MailCatcher


def send(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
        client.sendmail("a@x.example", ["b@y.example"], "Subject: hello\r\n\r\nwords\r\n")


async def test_it_keeps_every_email_in_order() -> None:
    async with MailCatcher() as catcher:
        await asyncio.to_thread(send, catcher.port)
        await asyncio.to_thread(send, catcher.port)
    assert [message["Subject"] for message in catcher.messages] == ["hello", "hello"]
    assert catcher.messages[0].get_content().strip() == "words"


async def test_it_takes_nothing_without_the_login_it_requires() -> None:
    async with MailCatcher(user="u", password="p") as catcher:
        with pytest.raises(smtplib.SMTPSenderRefused, match="530"):
            await asyncio.to_thread(send, catcher.port)
    assert catcher.messages == []


async def test_it_is_gone_after_the_block() -> None:
    async with MailCatcher() as catcher:
        pass
    with pytest.raises(ConnectionRefusedError):
        await asyncio.to_thread(send, catcher.port)
