"""Reading histories: what happened to a workflow, event by event."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle, WorkflowHistory


def kinds(history: WorkflowHistory) -> list[str]:
    """Return the kinds of a history's events, in order: `WORKFLOW_TASK_COMPLETED` ..."""
    return [
        EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events
    ]


async def count(handle: WorkflowHandle[Any, Any], kind: str) -> int:
    """Return how many events of a kind a run's history holds."""
    return kinds(await handle.fetch_history()).count(kind)


def upserts_by_task(history: WorkflowHistory) -> list[int]:
    """Return how many upserts of search attributes each workflow task ordered."""
    counts: list[int] = []
    for kind in kinds(history):
        if kind == "WORKFLOW_TASK_COMPLETED":
            counts.append(0)
        counts[-1:] = [counts[-1] + (kind == "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES")] if counts else []
    return counts


def texts(history: WorkflowHistory) -> Iterator[str]:
    """Return the history's JSON, and every payload in it as it reads decoded."""
    yield history.to_json()
    yield from _payloads(json.loads(history.to_json()))


def _payloads(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for part in node:
            yield from _payloads(part)
    elif isinstance(node, dict):
        if isinstance(data := node.get("data"), str) and "metadata" in node:
            yield base64.b64decode(data).decode("utf-8", "replace")
        for part in node.values():
            yield from _payloads(part)
