"""What holds of every answer, whatever the rules, the debtor and the history."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from dunning.contact.asking import RANK, Allow, Ask, Defer, Deny, PastContact
from dunning.contact.gate import decide
from library.jurisdictions import shipped
from schemas.jurisdiction import ContactChannel, Pack
from schemas.rulebook import Rulebook
from tests.contact.build import rules, written

CHANNELS: tuple[ContactChannel, ...] = ("call", "call_auto", "sms", "email", "letter")
ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "America/Havana",  # jumps at midnight
    "Europe/Berlin",
    "Australia/Lord_Howe",  # jumps by half an hour
    "Asia/Kolkata",
)
BOOKS = [rules(name) for name in sorted(shipped())]
FIRST = datetime(2026, 2, 25, tzinfo=UTC)
SOME = settings(max_examples=100, deadline=None)

moments = st.integers(0, 260 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
channels = st.sampled_from(CHANNELS)
consents = st.dictionaries(channels, st.sampled_from(["none", "express", "written"]))


@st.composite
def additions(draw: st.DrawFn) -> Pack:
    """Return a state's pack with windows, a cap, a gap and a consent of any kind."""
    start = draw(st.integers(0, 20)) * 60 + draw(st.sampled_from([0, 30]))
    end = draw(st.integers(start // 60 + 2, 24)) * 60
    span = f"{start // 60:02}:{start % 60:02}-{end // 60:02}:00"
    begun = draw(st.none() | st.just(date(2026, 6, 1)))
    cap = {
        "id": "any-cap",
        "channels": draw(st.lists(channels, min_size=1, unique=True)),
        "n": draw(st.integers(1, 3)),
        "days": draw(st.integers(1, 10)),
        "scope": draw(st.sampled_from(["debt", "debtor", "address"])),
        "count": draw(st.sampled_from(["attempt", "delivered", "conversation"])),
        "valid_from": begun,
    }
    gap = {
        "id": "any-gap",
        "after": draw(st.sampled_from(["delivered", "conversation"])),
        "block": draw(st.lists(channels, min_size=1, unique=True)),
        "days": draw(st.integers(1, 9)),
        "includes_event_day": draw(st.booleans()),
        "scope": draw(st.sampled_from(["debt", "debtor"])),
    }
    return written(
        id="any",
        clock=None,
        adds_to="default",
        windows={one: {"mon-sun": [span]} for one in draw(st.sets(channels))},
        caps=[cap],
        gaps=[gap],
        consent=draw(consents),
        valid_from=draw(st.none() | st.just(date(2026, 5, 1))),
        valid_to=draw(st.none() | st.just(date(2026, 8, 1))),
    )


@st.composite
def books(draw: st.DrawFn) -> Rulebook:
    book = draw(st.sampled_from(BOOKS))
    if draw(st.booleans()):
        return book
    return book.model_copy(update={"packs": (*book.packs, draw(additions()))})


@st.composite
def asks(draw: st.DrawFn) -> Ask:
    return Ask(
        at=draw(moments),
        channel=draw(channels),
        message_type=draw(st.sampled_from(["reminder", "reminder", "final_notice"])),
        debt=draw(st.sampled_from(["D-1", "D-2"])),
        zones=tuple(draw(st.lists(st.sampled_from(ZONES), min_size=1, max_size=2, unique=True))),
        consents=dict.fromkeys(CHANNELS, "written"),
        days_overdue=draw(st.integers(0, 60)),
        address=draw(st.sampled_from([None, "n1"])),
        line=draw(st.sampled_from([None, "landline"])),
    )


@st.composite
def pasts(draw: st.DrawFn, before: datetime) -> PastContact:
    return PastContact(
        at=before - timedelta(minutes=draw(st.integers(0, 20 * 24 * 60))),
        channel=draw(channels),
        message_type=draw(st.sampled_from(["reminder", "default_notice"])),
        debt=draw(st.sampled_from(["D-1", "D-1", "D-2"])),
        counted_as=draw(st.sampled_from(["nothing", "attempt", "delivered", "conversation"])),
        address=draw(st.sampled_from([None, "n1"])),
        inbound=draw(st.sampled_from([False, False, False, True])),
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Ask, Rulebook, list[PastContact]]:
    asked = draw(asks())
    return asked, draw(books()), draw(st.lists(pasts(asked.at), max_size=8))


def later(asked: Ask, at: datetime) -> Ask:
    """Return the same facts at another moment: the debt has grown older."""
    zone = ZoneInfo(asked.zones[0])
    days = (at.astimezone(zone).date() - asked.at.astimezone(zone).date()).days
    return replace(asked, at=at, days_overdue=asked.days_overdue + days)


def in_force(pack: Pack, asked: Ask) -> bool:
    days = [asked.at.astimezone(ZoneInfo(zone)).date() for zone in asked.zones]
    least = pack.match.min_days_overdue
    return any(pack.in_force(day) for day in days) and (
        least is None or asked.days_overdue >= least
    )


def is_in_window(pack: Pack, asked: Ask) -> bool:
    """Say by the text of the windows whether the moment lies in one, in each zone."""
    assert asked.channel
    if asked.channel not in pack.windows:
        return True
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    for zone in asked.zones:
        local = asked.at.astimezone(ZoneInfo(zone))
        spans = [
            span
            for days, written_spans in pack.windows[asked.channel].model_dump().items()
            for span in written_spans
            if names.index(days[:3]) <= local.weekday() <= names.index(days[-3:])
        ]
        clock = f"{local:%H:%M}"
        if not any(span[:5] <= clock < span[6:] for span in spans):
            return False
    return True


def is_over_a_cap(pack: Pack, asked: Ask, history: list[PastContact]) -> bool:
    for cap in pack.caps:
        confined = cap.when.place or (cap.when.line and cap.when.line != asked.line)
        if asked.channel not in cap.channels or confined:
            continue
        for zone in map(ZoneInfo, asked.zones):
            today = asked.at.astimezone(zone).date()
            if not cap.in_force(today):
                continue
            counted = 0
            for one in history:
                age = (today - one.at.astimezone(zone).date()).days
                known = None not in {one.address, asked.address}
                near = {
                    "debt": one.debt == asked.debt,
                    "debtor": True,
                    "address": not known or one.address == asked.address,
                }[cap.scope]
                rank = RANK[one.counted_as] >= RANK[cap.count]
                fits = one.channel in cap.channels and rank and not one.inbound
                counted += fits and near and 0 <= age < cap.days
            if counted >= cap.n:
                return True
    return False


@SOME
@given(cases())
def test_what_is_allowed_is_inside_every_window_and_under_every_cap(
    case: tuple[Ask, Rulebook, list[PastContact]],
) -> None:
    asked, book, history = case
    answer = decide(asked, book, history)
    event(type(answer).__name__)
    if isinstance(answer, Defer):
        asked = later(asked, answer.until)
    assume(not isinstance(answer, Deny))
    for pack in book.packs:
        if in_force(pack, asked):
            assert is_in_window(pack, asked)
            assert not is_over_a_cap(pack, asked, history)


@SOME
@given(cases(), st.lists(st.floats(0, 1, exclude_max=True), min_size=8, max_size=8))
def test_a_deferral_ends_at_the_first_moment_that_is_allowed(
    case: tuple[Ask, Rulebook, list[PastContact]], shares: list[float]
) -> None:
    asked, book, history = case
    answer = decide(asked, book, history)
    assume(isinstance(answer, Defer))
    assert isinstance(answer, Defer)
    assert decide(later(asked, answer.until), book, history) == Allow()
    wait = answer.until - asked.at.astimezone(UTC)
    hours = [answer.until - timedelta(hours=n) for n in range(1, 30)]
    earlier = [answer.until - timedelta(seconds=1), *(asked.at + wait * one for one in shares)]
    for moment in earlier + hours:
        if asked.at <= moment < answer.until:
            assert decide(later(asked, moment), book, history) != Allow()


def is_stricter_or_equal(one: object, other: object) -> bool:
    """Whether an answer is at least as strict as the other."""
    if isinstance(one, Deny) or isinstance(other, Allow):
        return True
    return isinstance(one, Defer) and isinstance(other, Defer) and one.until >= other.until


@SOME
@given(cases(), st.data())
def test_more_history_never_loosens(
    case: tuple[Ask, Rulebook, list[PastContact]], data: st.DataObject
) -> None:
    asked, book, history = case
    more = data.draw(pasts(asked.at))
    assume(more.message_type != "default_notice")  # a notice opens the gate that needs it
    before, after = decide(asked, book, history), decide(asked, book, [*history, more])
    assert is_stricter_or_equal(after, before)


@SOME
@given(cases(), additions())
def test_one_more_pack_never_loosens(
    case: tuple[Ask, Rulebook, list[PastContact]], extra: Pack
) -> None:
    asked, book, history = case
    wider = book.model_copy(update={"packs": (*book.packs, extra)})
    before, after = decide(asked, book, history), decide(asked, wider, history)
    assert is_stricter_or_equal(after, before)


@SOME
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_history_and_of_packs_does_not_matter(
    case: tuple[Ask, Rulebook, list[PastContact]], chance: st.DrawFn
) -> None:
    asked, book, history = case
    shuffled, packs = list(history), list(book.packs)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    chance.shuffle(packs)  # type: ignore[attr-defined]
    one = decide(asked, book, history)
    other = decide(asked, book.model_copy(update={"packs": tuple(packs)}), shuffled)
    assert type(one) is type(other)
    assert getattr(one, "until", None) == getattr(other, "until", None)
