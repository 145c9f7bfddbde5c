"""Temporal's own development server, tuned for this work and kept quiet."""

import json
import os
import shutil
import sys
import urllib.request
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from embedded.ports import LOOPBACK, free
from embedded.processes import Child, Processes
from schemas.errors import ServiceUnreachableError
from temporal import search_attributes

UI_PORT: Final = 8233
ANSWER_SECONDS: Final = 5.0
ATTEMPTS: Final = 3
# it usually ends in 1.5 s, sometimes in 8; its write-ahead log makes a kill as good as an end
GRACE_SECONDS: Final = 2.5
# as it comes, SQLite waits for the disk at every step: two to four times slower
PRAGMAS: Final = ("journal_mode=WAL", "synchronous=NORMAL")
# as it comes, the only shard reads its queue so rarely that a signal after others waits 0.1 s
# and fires a timer up to a second late, which is a whole day of a case in the demo
DYNAMIC: Final = (
    "history.transferProcessorMaxPollRPS=2000",
    'history.timerProcessorMaxTimeShift="1ms"',
)
FAILED_TASKS: Final = 'service_requests{namespace="default",operation="RespondWorkflowTaskFailed"'
TIME_SKIPPING: Final = ("frontend.WorkflowTimeSkippingEnabled=true",)


class _EndedEarlyError(ServiceUnreachableError):
    """The server ended by itself while it was starting."""


@dataclass(frozen=True)
class TemporalServer:
    """A server with one namespace, `default`, that knows the search attributes."""

    address: str
    ui_address: str | None
    metrics_port: int

    def failed_workflow_tasks(self) -> int:
        """Count the workflow tasks that workers failed since the server started."""
        lines = _get(self.metrics_port, "/metrics").decode().splitlines()
        failed = (line for line in lines if line.startswith(FAILED_TASKS))
        return sum(int(float(line.rpartition(" ")[2])) for line in failed)

    def environment(self) -> dict[str, str]:
        """Tell a child process where Temporal is, whatever else this machine is set up for."""
        return {
            "TEMPORAL_ADDRESS": self.address,
            "TEMPORAL_NAMESPACE": "default",
            "TEMPORAL_CONFIG_FILE": os.devnull,
            "TEMPORAL_TLS": "false",
        }


def start(
    processes: Processes,
    *,
    port: int = 0,
    ui_port: int | None = UI_PORT,
    time_skipping: bool = False,
) -> TemporalServer:
    """Start the server on `temporal.db` and wait until it answers with its search attributes.

    A port that is taken is replaced by a free one; `ui_port=None` leaves the web pages out.
    Raises `ServiceUnreachableError` when the program is missing or does not come up.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return _start(processes, port, ui_port, time_skipping)
        except _EndedEarlyError:
            # somebody may have taken a port between our look and the server's
            port = 0
    return _start(processes, port, ui_port, time_skipping)


def _start(
    processes: Processes, wanted: int, ui_port: int | None, time_skipping: bool
) -> TemporalServer:
    port, http_port, metrics_port, web_port = free(wanted, 0, 0, ui_port or 0)
    command = [_program(), "server", "start-dev", "--ip", LOOPBACK, "--port", str(port)]
    command += ["--http-port", str(http_port), "--metrics-port", str(metrics_port)]
    command += ["--log-level", "error"]
    command += ["--db-filename", str(processes.directory / "temporal.db")]
    command += ["--headless"] if ui_port is None else ["--ui-port", str(web_port)]
    command += _tuning(time_skipping)
    child = processes.start("temporal", command, grace=GRACE_SECONDS)
    try:
        _wait(child, http_port, None if ui_port is None else web_port)
    except ServiceUnreachableError as error:
        if child.process.poll() is None:
            raise
        raise _EndedEarlyError(str(error)) from error
    ui_address = None if ui_port is None else f"http://{LOOPBACK}:{web_port}"
    return TemporalServer(f"{LOOPBACK}:{port}", ui_address, metrics_port)


def _program() -> str:
    beside = Path(sys.executable).parent / "temporal"
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if found is None:
        raise ServiceUnreachableError(
            "There is no `temporal` program here to start: install requirements/dev.lock, or "
            "Temporal's command line from https://docs.temporal.io/cli."
        )
    return found


def _tuning(time_skipping: bool) -> list[str]:
    words: list[str] = []
    for pragma in PRAGMAS:
        words += ["--sqlite-pragma", pragma]
    for value in DYNAMIC + (TIME_SKIPPING if time_skipping else ()):
        words += ["--dynamic-config-value", value]
    for key in search_attributes.ALL:
        words += ["--search-attribute", f"{key.name}={search_attributes.kind(key)}"]
    return words


def _wait(child: Child, http_port: int, web_port: int | None) -> None:
    child.wait_until(partial(_knows_attributes, http_port))
    if web_port is not None:
        child.wait_until(partial(_get, web_port, "/"))


def _knows_attributes(http_port: int) -> bool:
    answer = json.loads(_get(http_port, "/api/v1/namespaces/default/search-attributes"))
    known = answer.get("customAttributes", {})
    return all(key.name in known for key in search_attributes.ALL)


def _get(port: int, path: str) -> bytes:
    # straight to the loopback: a proxy of this machine would know nothing of it
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(f"http://{LOOPBACK}:{port}{path}", timeout=ANSWER_SECONDS) as answer:
        return bytes(answer.read())
