"""Free TCP ports on the loopback address."""

import socket
from contextlib import ExitStack
from typing import Final

LOOPBACK: Final = "127.0.0.1"


def free(*wanted: int) -> list[int]:
    """Find a free port for each wanted one: that one if it is free, else another; 0 = any.

    All are different. Nothing keeps them reserved: use them at once.
    """
    with ExitStack() as held:  # all stay open until the last is found, so none is given twice
        return [_bind(held, port) for port in wanted]


def _bind(held: ExitStack, port: int) -> int:
    probe = held.enter_context(socket.socket())
    # as servers do: a port whose last connections are still fading away counts as free
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind((LOOPBACK, port))
    except OSError:
        if port == 0:
            raise
        return _bind(held, 0)
    return int(probe.getsockname()[1])


def listening(port: int) -> bool:
    """Tell whether something accepts connections there; raises `OSError` if not."""
    with socket.create_connection((LOOPBACK, port), timeout=5):
        return True
