"""Whatever a sender passes, a handler gets exactly one raw value."""

import json

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from dunning.inbox import Body
from temporal.converter import DATA_CONVERTER, PayloadConverter
from temporal.signal_guard import MAX_BYTES, NOTHING, SEVERAL, one_raw_value
from workflows.handlers import bodies_of


def raw(data: bytes, encoding: bytes = b"json/plain") -> RawValue:
    return RawValue(Payload(metadata={"encoding": encoding}, data=data))


def test_no_argument_is_nothing() -> None:
    assert one_raw_value([]) is NOTHING
    assert bodies_of(one_raw_value([])) == ()


def test_an_empty_payload_is_nothing_too() -> None:
    assert bodies_of(RawValue(Payload())) == ()


def test_one_argument_comes_through_as_it_is() -> None:
    sent = raw(b'{"id": 1}')
    assert one_raw_value([sent]) is sent
    assert bodies_of(sent) == (Body("json/plain", b'{"id": 1}'),)


@pytest.mark.parametrize("count", [2, 3, 10])
def test_several_arguments_come_through_as_so_many(count: int) -> None:
    packed = one_raw_value([raw(b"{}")] * count)
    assert packed.payload.metadata["encoding"] == SEVERAL.encode()
    assert bodies_of(packed) == (Body("json/plain", b"{}"),) * count


def test_several_arguments_are_kept_in_part_when_they_are_large() -> None:
    packed = one_raw_value([raw(b"x" * 1_000_000)] * 2)
    assert [len(body.content) for body in bodies_of(packed)] == [MAX_BYTES] * 2


ODD = {
    "nan": float("nan"),
    "object": object(),
    "huge": 10**5_000,
    "half": "\ud800",
    "bytes": b"\xff",
    "none": None,
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_what_another_converter_has_decoded_is_named_and_never_raises(odd: object) -> None:
    packed = one_raw_value([odd, raw(b"\xff\x00")])
    assert json.loads(packed.payload.data)[0] == f"({type(odd).__name__})"


def test_an_encoding_that_is_no_ascii_is_read_all_the_same() -> None:
    (body,) = bodies_of(raw(b"{}", b"\xff/plain"))
    assert body.encoding.endswith("/plain")


def test_several_payloads_that_nobody_has_a_type_for_stay_raw() -> None:
    payloads = [Payload(metadata={"encoding": b"binary/encrypted"}, data=b"x")] * 2
    read = PayloadConverter().from_payloads(payloads)
    assert [value.payload for value in read] == payloads


def test_one_payload_and_typed_payloads_are_decoded_as_ever() -> None:
    converter = PayloadConverter()
    payloads = converter.to_payloads([1, "two"])
    assert converter.from_payloads(payloads, [int, str]) == [1, "two"]
    assert converter.from_payloads(payloads[:1]) == [1]


def test_half_a_surrogate_pair_is_written_as_a_question_mark() -> None:
    converter = DATA_CONVERTER.payload_converter
    (payload,) = converter.to_payloads([{"remark": "a\udfffb", "whole": "ä😀"}])
    assert converter.from_payload(payload) == {"remark": "a?b", "whole": "ä😀"}
