"""A Twilio on this machine: its REST resources Calls and Messages, and its signed callbacks.

The last four digits of the number called decide what happens, so that a demo or a test can write
its own story; `fakes/twilio/endings.py` lists them. Start it with
`python -m fakes.twilio --port N --account-sid AC…`, or in a test with `async with TwilioFake(…)`.
"""

from fakes.twilio.server import TwilioFake

__all__ = ["TwilioFake"]
