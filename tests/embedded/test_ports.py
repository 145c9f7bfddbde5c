import socket

import pytest

from embedded.ports import LOOPBACK, free, listening


def test_ports_are_free_and_all_different() -> None:
    found = free(0, 0, 0)
    assert len(set(found)) == 3
    with pytest.raises(ConnectionRefusedError):
        listening(found[0])


def test_a_wanted_port_is_given_if_it_is_free() -> None:
    (wanted,) = free(0)
    assert free(wanted) == [wanted]


def test_a_taken_port_is_replaced() -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        taken = other.getsockname()[1]
        assert listening(taken)
        (given,) = free(taken)
        assert given not in {0, taken}
