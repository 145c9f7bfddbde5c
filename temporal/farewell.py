"""Leaving a process that has spoken to Temporal."""

import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process with that exit code, streams flushed.

    The SDK's Rust threads may still hand results to Python while the interpreter shuts down, which
    aborts the process with exit code 134 (`PyGILState_Release`) after all work is done and well.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
