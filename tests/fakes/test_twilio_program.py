"""The fake as a program: how it starts, and how it ends."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import requests

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "fakes.twilio", "--port", "0", "--account-sid", "AC1"]
VARIABLE = "DUNNING_TWILIO_AUTH_TOKEN"


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != VARIABLE}
    return kept | more


def test_it_says_where_it_listens_and_ends_quietly_on_sigterm() -> None:
    with subprocess.Popen(  # noqa: S603 - our own command
        COMMAND,
        cwd=ROOT,
        env=environment(**{VARIABLE: "token"}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        line = program.stdout.readline()
        match = re.fullmatch(r"listening on (http://127\.0\.0\.1:\d+)\n", line)
        assert match
        assert requests.get(f"{match[1]}/_fake/calls", timeout=5).json() == []
        program.send_signal(signal.SIGTERM)
        rest, errors = program.communicate(timeout=10)
    assert (program.returncode, rest, errors) == (0, "", "")


def test_without_a_token_it_says_which_variable_is_missing() -> None:
    ended = subprocess.run(  # noqa: S603 - our own command
        COMMAND, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert VARIABLE in ended.stderr
