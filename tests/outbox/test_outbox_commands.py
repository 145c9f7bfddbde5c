"""`dunning outbox`, as it is called: figures, one round of deliveries, replay and purge."""

import json
from typing import Any

import pytest
from sqlalchemy import Engine

from fakes.billing import BillingFake
from settings import settings
from starter.cli import execute
from starter.outbox import deliver_due
from tests.outbox.build import SECRET, Receiver, empty, rows, write


@pytest.fixture(autouse=True)
def _our_books(
    engine: Engine, database_url: str, creditor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty(engine)
    told(monkeypatch, DATABASE_URL=database_url, CREDITOR=creditor)


def told(patch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        patch.setenv(f"DUNNING_{name}", value)
    settings.cache_clear()


@pytest.fixture(autouse=True)
def _settings_as_before() -> Any:  # noqa: ANN401 - a generator
    yield
    settings.cache_clear()


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> Any:  # noqa: ANN401 - JSON
    assert execute(["outbox", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_figures_of_an_empty_outbox(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "status") == {
        "waiting": 0,
        "failing": 0,
        "delivered": 0,
        "oldest_at": None,
        "faults": [],
    }
    assert execute(["outbox", "status"]) == 0
    assert capsys.readouterr().out == "0 events wait; 0 delivered\n"


def test_a_round_of_deliveries_and_what_it_left(
    engine: Engine,
    creditor: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (failing,) = write(engine, creditor)
    (taken,) = write(engine, creditor, "INV-2")
    with BillingFake(SECRET, [500]) as fake:
        told(monkeypatch, EVENTS_URL=fake.url, EVENTS_SECRET=SECRET, EVENTS_ALLOW_PRIVATE="true")
        assert execute(["outbox", "deliver", "--once", "--json"]) == 1
        assert list(fake.done) == [taken]
    assert json.loads(capsys.readouterr().out) == {"delivered": 1, "failed": 1}
    found = answer(capsys, "status")
    assert (found["waiting"], found["failing"], found["delivered"]) == (1, 1, 1)
    (fault,) = found["faults"]
    assert (fault["id"], fault["attempts"]) == (failing, 1)
    assert fault["fault"] == "events: the receiver answered 500"
    assert execute(["outbox", "status"]) == 0
    shown = capsys.readouterr().out
    assert "1 events wait, the oldest since" in shown
    assert f"  {failing}: 1 attempts, next " in shown


def test_a_round_in_which_nothing_fails_ends_well(
    engine: Engine,
    creditor: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(engine, creditor, events=3)
    with BillingFake(SECRET) as fake:
        told(monkeypatch, EVENTS_URL=fake.url, EVENTS_SECRET=SECRET, EVENTS_ALLOW_PRIVATE="true")
        assert execute(["outbox", "deliver", "--once"]) == 0
    assert capsys.readouterr().out == "3 delivered, 0 failed\n"


def test_without_a_receiver_delivering_names_the_settings(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DUNNING_EVENTS_URL", raising=False)
    assert execute(["outbox", "deliver", "--once"]) == 2
    assert "set DUNNING_EVENTS_URL and DUNNING_EVENTS_SECRET" in capsys.readouterr().err


def test_a_private_receiver_is_refused_at_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told(monkeypatch, EVENTS_URL="https://169.254.169.254/", EVENTS_SECRET=SECRET)
    assert execute(["outbox", "deliver", "--once"]) == 2
    assert "DUNNING_EVENTS_ALLOW_PRIVATE=true allows http" in capsys.readouterr().err


def test_a_replay_can_be_counted_first(
    engine: Engine, creditor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names = write(engine, creditor, events=2)
    write(engine, creditor, "INV-2")
    deliver_due(engine, Receiver())
    words = ("replay", "--invoice", "INV-1", "--since", "2026-01-01T00:00:00Z")
    assert answer(capsys, *words, "--dry-run") == {"events": 2, "dry_run": True}
    again = Receiver()
    assert deliver_due(engine, again).delivered == 0
    assert answer(capsys, *words) == {"events": 2, "dry_run": False}
    deliver_due(engine, again)
    assert again.taken == names


def test_a_replay_of_everything_must_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["outbox", "replay"]) == 2
    assert "say which events: --invoice ID, --since MOMENT" in capsys.readouterr().err


def test_another_creditors_events_are_left_alone(
    engine: Engine, creditor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(engine, f"{creditor}-2")
    assert answer(capsys, "replay", "--invoice", "INV-1")["events"] == 0
    words = ("purge", "--before", "2999-01-01T00:00:00Z", "--waiting")
    assert answer(capsys, *words)["events"] == 0
    assert answer(capsys, *words, "--creditor", f"{creditor}-2")["events"] == 1


def test_a_purge_forgets_what_was_delivered(
    engine: Engine, creditor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(engine, creditor)
    deliver_due(engine, Receiver())
    (waiting,) = write(engine, creditor, "INV-2")
    words = ["outbox", "purge", "--before", "2999-01-01T00:00:00Z"]
    assert execute([*words, "--dry-run"]) == 0
    assert execute(words) == 0
    out = capsys.readouterr().out
    assert out == "1 events would be forgotten\n1 events are forgotten\n"
    assert [row.id for row in rows(engine, creditor)] == [waiting]
