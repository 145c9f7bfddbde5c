"""The signals a case takes: one named handler each, and one for names we do not know.

Named handlers let the UI and the CLI list them, with what they expect; they are made from the one
list of signals. No handler decodes or raises: each hands the raw value on to `receive`.
"""

import json
from abc import abstractmethod
from collections.abc import Callable, Sequence

from temporalio import workflow
from temporalio.common import RawValue

from dunning.inbox import Body
from schemas.signals import SIGNALS
from temporal.signal_guard import NOTHING, SEVERAL


def body_of(raw: RawValue) -> Body:
    """Return one argument as it came over the wire."""
    encoding = raw.payload.metadata.get("encoding", b"").decode("ascii", "replace")
    return Body(encoding, raw.payload.data)


def bodies_of(raw: RawValue) -> tuple[Body, ...]:
    """Return the arguments behind the one raw value the guard lets through."""
    body = body_of(raw)
    if raw is NOTHING or (not body.encoding and not body.content):
        return ()
    if body.encoding == SEVERAL:
        return tuple(Body("json/plain", text.encode()) for text in json.loads(body.content))
    return (body,)


class SignalHandlers:
    """Every signal handler of a case; what arrives goes to `receive`."""

    @abstractmethod
    def receive(self, name: str, bodies: Sequence[Body]) -> None:
        """Take in a signal; never raises."""

    @workflow.signal(dynamic=True, description="Any other name: recorded, and shown to operators.")
    def unknown(self, name: str, args: Sequence[RawValue]) -> None:
        """Take a signal whose name we do not know."""
        self.receive(name, [body_of(raw) for raw in args])


def _handler(name: str) -> Callable[..., None]:
    class Named(SignalHandlers):
        # in a class, for the SDK leaves `self` out of the arguments only where it has no hint
        def handle(self, body: RawValue = NOTHING) -> None:
            self.receive(name, bodies_of(body))

    handler = Named.handle
    handler.__name__ = handler.__qualname__ = name
    handler.__doc__ = SIGNALS[name].__doc__
    return handler


def _description(name: str) -> str:
    fields = SIGNALS[name].model_fields.items()
    wanted = [
        part if field.is_required() else f"{part}?" for part, field in fields if part != "type"
    ]
    return f"{SIGNALS[name].__doc__} One JSON object: {', '.join(wanted)}."


for _name in SIGNALS:
    setattr(
        SignalHandlers,
        _name,
        workflow.signal(name=_name, description=_description(_name))(_handler(_name)),
    )
