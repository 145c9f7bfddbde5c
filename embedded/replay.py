"""Replaying exported histories on the present code, without any server."""

import asyncio
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from schemas.errors import InputRefusedError
from temporal.plugin import DunningPlugin
from workflows.invoice import InvoiceDunning
from workflows.sweep import OverdueSweep


async def replay_history(path: Path) -> str | None:
    """Return why the history does not replay on this code, None when it does.

    Raises InputRefusedError when the file holds no history.
    """
    try:
        text = await asyncio.to_thread(path.read_text, "utf-8")
        history = WorkflowHistory.from_json(path.stem, text)
    except (OSError, ValueError, KeyError) as error:
        raise InputRefusedError(f"{path}: is no history exported as JSON: {error}") from error
    replayer = Replayer(workflows=[InvoiceDunning, OverdueSweep], plugins=[DunningPlugin()])
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    return None if result.replay_failure is None else str(result.replay_failure)
