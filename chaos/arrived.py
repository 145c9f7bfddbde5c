"""What really arrived, as the stand-ins counted it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from fakes.billing import BillingFake
from fakes.faults import Plan

DOCUMENT = "Documents"
REQUEST = "dunning-request/1"


@dataclass(frozen=True)
class Arrived:
    """How often a contact reached somebody by effect key, a document was stored by its name.

    `requests` are the keys of what the billing system was asked for and did, `events` the ids of
    what it was told, in the order in which it first took them; `faults` were dealt on purpose.
    """

    contacts: Counter[str]
    documents: Counter[str]
    requests: frozenset[str]
    events: tuple[str, ...]
    faults: Counter[str]

    def has(self, key: str, reference: str | None) -> bool:
        """Whether the effect of this key, or under this reference, arrived."""
        stored = (reference or "").removeprefix("s3://").partition("/")[2]
        return key in self.contacts or key in self.requests or stored in self.documents


async def plan_faults(addresses: list[str], plan: Plan) -> None:
    """Tell the stand-ins what goes wrong from now on."""
    async with aiohttp.ClientSession() as session:
        for address in addresses:
            async with session.post(f"{address}/_fake/faults", data=plan.to_json()) as answer:
                answer.raise_for_status()


async def count_arrived(addresses: list[str], billing: BillingFake) -> Arrived:
    """Ask the stand-ins at these addresses what was accepted, and how often."""
    accepted: list[dict[str, Any]] = []
    faults = Counter(billing.faults.dealt)
    async with aiohttp.ClientSession() as session:
        for address in addresses:
            accepted += await _get(session, f"{address}/_fake/accepted")
            found = await _get(session, f"{address}/_fake/faults")
            faults += Counter(_dealt(found))
    taken = list(billing.done.items())
    return Arrived(
        contacts=Counter(str(one["key"]) for one in accepted if one["kind"] != DOCUMENT),
        documents=Counter(str(one["key"]) for one in accepted if one["kind"] == DOCUMENT),
        requests=frozenset(one for one, body in taken if body["schema"] == REQUEST),
        events=tuple(one for one, body in taken if body["schema"] != REQUEST),
        faults=faults,
    )


def _dealt(found: Mapping[str, Any]) -> dict[str, int]:
    return {str(name): int(times) for name, times in found["dealt"].items()}


async def _get(session: aiohttp.ClientSession, address: str) -> Any:  # noqa: ANN401 - the stand-ins' JSON
    async with session.get(address) as answer:
        answer.raise_for_status()
        return await answer.json()
