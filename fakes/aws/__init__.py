"""A front before the stand-in for SES and S3: it counts what came through, and misbehaves.

It passes every request on and keeps a list of the emails and documents that were accepted. What
goes wrong on purpose is drawn from `fakes/faults.py`; how emails end, as SES would report it, is
chosen by their address, as `fakes/aws/events.py` says. Start it with
`python -m fakes.aws --upstream URL [--events URL]`, or with `async with AwsFront(…)`.
"""

from fakes.aws.server import AwsFront

__all__ = ["AwsFront"]
