"""Lists of resources: Twilio's filters and pages."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from fakes.twilio.records import API_VERSION, Json, Record

_PAGE_SIZE = 50
# Twilio names the time filter differently for calls and messages
_TIMES = {"Calls": "StartTime", "Messages": "DateSent"}
_COMPARISONS: dict[str, Callable[[datetime, datetime], bool]] = {
    ">": lambda created, bound: created >= bound,
    "<": lambda created, bound: created <= bound,
}


def page(kind: str, account_sid: str, records: Sequence[Record], query: Mapping[str, str]) -> Json:
    """Show one page of the records that the query asks for, newest first."""
    size = int(query.get("PageSize", _PAGE_SIZE))
    number = int(query.get("Page", 0))
    found = [record for record in reversed(records) if _matches(kind, record, query)]
    shown = found[number * size : (number + 1) * size]
    path = f"/{API_VERSION}/Accounts/{account_sid}/{kind}.json"
    has_more = len(found) > (number + 1) * size
    return {
        kind.lower(): [record.as_json() for record in shown],
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": number * size + max(len(shown) - 1, 0),
        "uri": _uri(path, query, number),
        "first_page_uri": _uri(path, query, 0),
        "next_page_uri": _uri(path, query, number + 1) if has_more else None,
        "previous_page_uri": _uri(path, query, number - 1) if number else None,
    }


def _uri(path: str, query: Mapping[str, str], number: int) -> str:
    return f"{path}?{urlencode({**query, 'Page': number})}"


def _matches(kind: str, record: Record, query: Mapping[str, str]) -> bool:
    shown = record.as_json()
    equal = all(
        shown[name.lower()] == query[name] for name in ("To", "From", "Status") if name in query
    )
    return equal and _is_in_time(_TIMES[kind], record.created, query)


def _is_in_time(name: str, created: datetime, query: Mapping[str, str]) -> bool:
    return all(
        compare(created, _moment(query[name + sign]))
        for sign, compare in _COMPARISONS.items()
        if name + sign in query
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
