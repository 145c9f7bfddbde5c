"""Run the front before AWS until SIGTERM."""

import argparse
import asyncio
import signal
import sys

from fakes.aws.server import AwsFront
from fakes.faults import Plan, read_plan


def main() -> int:
    """Serve until SIGTERM or SIGINT."""
    chosen = _parser().parse_args()
    front = AwsFront(
        chosen.upstream,
        events=chosen.events,
        step_seconds=chosen.step_seconds,
        port=chosen.port,
        faults=chosen.faults,
    )
    asyncio.run(_serve(front))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fakes.aws", description="A proxy before SES and S3")
    parser.add_argument("--upstream", required=True, help="where the stand-in for AWS listens")
    parser.add_argument("--events", help="the address that is told what became of emails")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--step-seconds", type=float, default=0.05, help="time between two reports")
    parser.add_argument(
        "--faults", type=read_plan, default=Plan(), help="what goes wrong, as JSON; see faults.py"
    )
    return parser


async def _serve(front: AwsFront) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with front:
        sys.stdout.write(f"listening on {front.url}\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    sys.exit(main())
