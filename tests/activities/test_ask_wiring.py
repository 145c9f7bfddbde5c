"""The worker does every verb a case can order, and is known by all the code its workflows run."""

from pathlib import Path
from typing import get_args

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from temporalio.client import Client

import worker
from providers.billing import HttpBilling, NoBilling
from schemas.effects import Verb
from schemas.errors import InputRefusedError
from settings import Settings
from workflows.options import OPTIONS


def billing_of(outside: Settings, engine: Engine, **changes: object) -> object:
    return worker.case_activities(outside.model_copy(update=changes), engine).billing


def test_every_verb_has_its_row_of_options() -> None:
    assert set(OPTIONS) == set(get_args(Verb))


def test_the_worker_has_an_activity_for_every_verb(
    monkeypatch: pytest.MonkeyPatch, outside: Settings, engine: Engine
) -> None:
    wired: dict[str, list[object]] = {}
    monkeypatch.setattr(worker, "Worker", lambda *_, **given: wired.update(given))
    unused: Client = object()  # type: ignore[assignment]  # nothing is asked of it
    worker.make_worker(unused, outside, engine)
    named = {activity.__temporal_activity_definition.name for activity in wired["activities"]}  # type: ignore[attr-defined]  # the SDK's mark
    assert named >= set(get_args(Verb))


def test_a_worker_without_an_address_has_no_billing_system(
    outside: Settings, engine: Engine
) -> None:
    assert isinstance(billing_of(outside, engine), NoBilling)


def test_a_worker_asks_the_billing_system_its_settings_name(
    outside: Settings, engine: Engine
) -> None:
    there = {"billing_url": "https://billing.example.com/", "billing_secret": SecretStr("s3cret")}
    assert isinstance(billing_of(outside, engine, **there), HttpBilling)


def test_a_worker_that_would_ask_in_the_open_does_not_start(
    outside: Settings, engine: Engine
) -> None:
    with pytest.raises(InputRefusedError, match="DUNNING_BILLING_URL"):
        billing_of(outside, engine, billing_url="http://billing.example.com/")


@pytest.mark.parametrize(
    "changed", ["workflows/invoice.py", "dunning/charges/fees.py", "schemas/case.py"]
)
def test_the_workers_build_changes_with_any_code_that_workflows_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    monkeypatch.setattr(worker, "__file__", str(tmp_path / "worker.py"))
    file = tmp_path / changed
    file.parent.mkdir(parents=True)
    file.write_text("one = 1\n")
    before = worker.fingerprint()
    file.write_text("one = 2\n")
    assert worker.fingerprint() != before
