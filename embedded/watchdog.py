"""Stops what a run has started when the run itself was killed: `python -m embedded.watchdog RUN`.

The run writes the record of each child to this process's standard input, a line each, and keeps it
open. Its end, by death, is the signal; unlike the kernel's parent-death signal it does not fire
when merely the thread that started a child ends, it works outside Linux, and it needs no file:
somebody may have removed the directory meanwhile. The directory's lock is inherited, so the next
run waits until this one is done. RUN only tells people whose watchdog this is.
"""

import sys
from contextlib import suppress

from embedded import records


def main() -> None:
    """Collect records until standard input ends, then stop what still runs."""
    found = []
    for line in sys.stdin:
        with suppress(ValueError, TypeError):  # the run may have died in the middle of a line
            found.append(records.parse(line))
    records.stop(found)


if __name__ == "__main__":
    main()
