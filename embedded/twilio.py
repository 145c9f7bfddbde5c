"""The Twilio stand-in as a child process, with an account and a token made for this run."""

import re
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from embedded.processes import Child, Processes

COMMAND: Final = (sys.executable, "-m", "fakes.twilio", "--port", "0")
ANNOUNCED: Final = re.compile(r"listening on (http://\S+)\n")


@dataclass(frozen=True)
class Twilio:
    """Where it listens, and who may use it; a repr does not show the token."""

    base_url: str
    account_sid: str
    auth_token: str = field(repr=False)

    def environment(self) -> dict[str, str]:
        """Tell a child process where "Twilio" is and how to sign in."""
        return {
            "DUNNING_TWILIO_BASE_URL": self.base_url,
            "DUNNING_TWILIO_ACCOUNT_SID": self.account_sid,
            "DUNNING_TWILIO_AUTH_TOKEN": self.auth_token,
        }


def start(processes: Processes, command: Sequence[str] = COMMAND) -> Twilio:
    """Start the stand-in and read from its first words where it listens.

    The token goes through the environment: command lines are public. Raises
    `ServiceUnreachableError` when it does not come up.
    """
    sid = f"AC{secrets.token_hex(16)}"
    token = secrets.token_hex(16)
    child = processes.start(
        "twilio",
        [*command, "--account-sid", sid],
        environment={"DUNNING_TWILIO_ACCOUNT_SID": sid, "DUNNING_TWILIO_AUTH_TOKEN": token},
    )
    return Twilio(child.wait_until(lambda: _announced(child)), sid, token)


def _announced(child: Child) -> str | None:
    found = ANNOUNCED.search(child.output())
    return found[1].rstrip("/") if found else None
