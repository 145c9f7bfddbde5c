"""The search attributes of a case: one list for the workflow, the dev server and the preflight.

An upsert of an attribute the namespace does not know fails every workflow task of the case, so a
worker asks `missing` before it polls. SQL visibility has room for ten Keyword attributes and three
of each other kind in a namespace, shared with whoever else lives there: think before adding one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from schemas.errors import DunningError

STAGE: Final = SearchAttributeKey.for_keyword("DunningStage")
STATUS: Final = SearchAttributeKey.for_keyword("DunningStatus")
CREDITOR: Final = SearchAttributeKey.for_keyword("DunningCreditor")
CUSTOMER: Final = SearchAttributeKey.for_keyword("DunningCustomer")
ATTENTION: Final[SearchAttributeKey[Sequence[str]]] = SearchAttributeKey.for_keyword_list(
    "DunningAttention"
)
NEXT_ACTION_AT: Final[SearchAttributeKey[datetime]] = SearchAttributeKey.for_datetime(
    "DunningNextActionAt"
)
AMOUNT_DUE: Final = SearchAttributeKey.for_float("DunningAmountDue")  # rounded, for display only

ALL: Final[tuple[SearchAttributeKey[Any], ...]] = (
    STAGE,
    STATUS,
    CREDITOR,
    CUSTOMER,
    ATTENTION,
    NEXT_ACTION_AT,
    AMOUNT_DUE,
)


def kind(key: SearchAttributeKey[Any]) -> str:
    """Name the key's type as Temporal's command line spells it: `Keyword`, `KeywordList` ..."""
    return _spelled(int(key.indexed_value_type))


async def missing(client: Client) -> list[str]:
    """List the attributes the client's namespace does not know yet, in the order of `ALL`.

    Raises `DunningError` when one of them is registered with another type, or when the namespace
    does not exist.
    """
    known = await _registered(client)
    for key in ALL:
        found = known.get(key.name)
        if found is not None and found != int(key.indexed_value_type):
            raise DunningError(_wrong_type(key, found, client.namespace))
    return [key.name for key in ALL if key.name not in known]


async def register(client: Client) -> None:
    """Register whatever is missing; doing it again changes nothing.

    A production server may take up to a minute to see new attributes. Raises `DunningError` as
    `missing` does, and when the namespace has no room left.
    """
    absent = set(await missing(client))
    if not absent:
        return
    wanted = {
        key.name: IndexedValueType.ValueType(int(key.indexed_value_type))
        for key in ALL
        if key.name in absent
    }
    await _add(client, wanted)


async def _add(client: Client, wanted: dict[str, IndexedValueType.ValueType]) -> None:
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=wanted)
    try:
        await client.operator_service.add_search_attributes(request)
    except RPCError as error:
        if error.status == RPCStatusCode.ALREADY_EXISTS:  # somebody registered at the same time
            return
        raise DunningError(
            f"Namespace {client.namespace!r} refuses the search attributes "
            f"{', '.join(wanted)}: {error.message}."
        ) from error


async def _registered(client: Client) -> dict[str, int]:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    try:
        answer = await client.operator_service.list_search_attributes(request)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        raise DunningError(
            f"Temporal at {client.service_client.config.target_host} has no namespace "
            f"{client.namespace!r}; create it with "
            f"`temporal operator namespace create -n {client.namespace}`."
        ) from error
    return {name: int(found) for name, found in answer.custom_attributes.items()}


def _wrong_type(key: SearchAttributeKey[Any], found: int, namespace: str) -> str:
    return (
        f"Search attribute {key.name} is registered as {_spelled(found)} in namespace "
        f"{namespace!r}, but a case needs {kind(key)}; remove it with `temporal operator "
        f"search-attribute remove --name {key.name}` or use another namespace."
    )


def _spelled(number: int) -> str:
    name = IndexedValueType.Name(IndexedValueType.ValueType(number))
    words = name.removeprefix("INDEXED_VALUE_TYPE_").split("_")
    return "".join(word.capitalize() for word in words)
