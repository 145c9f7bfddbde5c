"""Run the fake until SIGTERM; the auth token comes from DUNNING_TWILIO_AUTH_TOKEN."""

import argparse
import asyncio
import os
import signal
import sys

from fakes.faults import Plan, read_plan
from fakes.twilio.server import TwilioFake

TOKEN_VARIABLE = "DUNNING_TWILIO_AUTH_TOKEN"  # noqa: S105 - the variable's name, not a token
_WRONG_INPUT = 2


def main() -> int:
    """Serve until SIGTERM or SIGINT; returns 0, or 2 when the token is missing."""
    arguments = _parser().parse_args()
    token = os.environ.get(TOKEN_VARIABLE)
    if not token:
        sys.stderr.write(f"set {TOKEN_VARIABLE}: callbacks are signed with it\n")
        return _WRONG_INPUT
    fake = TwilioFake(
        account_sid=arguments.account_sid,
        auth_token=token,
        step_seconds=arguments.step_seconds,
        port=arguments.port,
        faults=arguments.faults,
    )
    asyncio.run(_serve(fake))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fakes.twilio", description="A Twilio on this machine.")
    parser.add_argument("--account-sid", required=True)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--step-seconds", type=float, default=0.05, help="time between two states")
    parser.add_argument(
        "--faults", type=read_plan, default=Plan(), help="what goes wrong, as JSON; see faults.py"
    )
    return parser


async def _serve(fake: TwilioFake) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with fake:
        sys.stdout.write(f"listening on {fake.url}\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    sys.exit(main())
