"""The tables of `docs/compliance.md`: where each rule lives, whence it comes, if it was checked.

`python -m library.compliance` writes it from the data; a test holds the two together.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from library.documents import read_document
from library.jurisdictions import SHIPPED, load_packs

PAGE: Final = SHIPPED.parent / "docs" / "compliance.md"

_HEAD: Final = """\
# Rules of law and of the house: where each lives, and whether it was checked

Made by `python -m library.compliance` from `jurisdictions/`; change the data there, not this page.
This is an engineer's reading and no legal advice.

*Basis*: `law`, `regulator`, `case` or `convention`, which is a rule of this house.
*Verified* is the day on which a published source was looked up. **no** means the rule was written
from memory: have counsel confirm it before you rely on it. A dash is a house rule, with nothing to
verify. A rule that is decided **by nobody** is a duty: no code can see to it, so a person, a
template or a provider has to.

## Contact

One function decides on contact, `dunning/contact/gate.py`. Its answers carry the ids below; a rule
of a block is named with its key, e.g. `us.windows.call`. An id of a pack that `extends` another
holds for what the pack itself says; what it does not say is that other pack's. What must come
before a charge is under [Charges](#charges).
"""
_CHARGES: Final = """\
## Charges

What may be charged besides the principal is decided in `dunning/charges/`, by debtor and place.

| Rule | What | Where it is decided | Basis | Source | Verified |
| --- | --- | --- | --- | --- | --- |
"""
_RATES: Final = """\
## Reference rates

A day without a rate stops the charge (`dunning/charges/rates.py`); no rate is carried on.

| Table | Name | Source | From | Newest | Rates | Unverified |
| --- | --- | --- | --- | --- | --- | --- |
"""

_CODE: Final = {
    "clock": "`library/places.py`, `dunning/contact/gate.py`",
    "windows": "`dunning/contact/hours.py`",
    "holidays": "`dunning/contact/hours.py`, `library/places.py`",
    "caps": "`dunning/contact/counting.py`",
    "gaps": "`dunning/contact/counting.py`",
    "gates": "`dunning/contact/gates.py`",
    "receipt": "`dunning/contact/gates.py`",
    "consent": "`dunning/contact/refusals.py`",
    "stops": "`dunning/contact/refusals.py`",
    "optout": "`dunning/contact/refusals.py`, `dunning/contact/optout.py`",
    "disclose": "`starter/template_lint.py`",
    "plan": "`dunning/plans/terms.py`",
    "duties": "**by nobody**",
    "charges": "`dunning/charges/`",
}


class Row(NamedTuple):
    """One rule of a pack."""

    id: str
    block: str
    says: str
    source: Mapping[str, Any]


def page(folder: Path = SHIPPED) -> str:
    """Return the whole page; raises DocumentRefusedError if a contact pack is faulty."""
    versions = {pack.id: pack.version for pack in load_packs(folder).values()}
    packs = [
        _section(f"{name}.yaml", content, versions[content["id"]])
        for name, content in _contents(folder)
    ]
    charges = [_line(row) for _, one in _contents(folder / "charges") for row in _charges(one)]
    rates = [_rates(one) for _, one in _contents(folder / "rates")]
    return "\n".join(
        [_HEAD, *packs, _CHARGES + "\n".join(charges), "", _RATES + "\n".join(rates), ""]
    )


def _contents(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(folder.glob("*.yaml")):
        content = read_document(path).content
        if isinstance(content, dict):
            yield path.stem, content


def _charges(content: Mapping[str, Any]) -> Iterator[Row]:
    for name, source in content.get("sources", {}).items():
        yield Row(f"{content['id']}.{name}", "charges", _CHARGE_RULES[name], source)
    for law in content["laws"]:
        debtors = ", ".join(law.get("debtors", ["any debtor"]))
        for name, rule in law.items():
            if isinstance(rule, dict) and "basis" in rule:
                says = f"{_needed(rule) if 'messages' in rule else name}: {debtors}"
                yield Row(f"{content['id']}.{name}", "charges", says, rule)
        for name, source in law.get("sources", {}).items():
            says = f"{_CHARGE_RULES[name.partition('.')[0]]}: {debtors}"
            yield Row(f"{content['id']}.{name}", "charges", says, source)
        for name, rule in law.get("denies", {}).items():
            yield Row(f"{content['id']}.denies.{name}", "charges", f"no {name}: {debtors}", rule)


def _needed(rule: Mapping[str, Any]) -> str:
    kinds = " or ".join(rule["messages"]).replace("*", "any message")
    return f"after {kinds} in writing and {rule.get('free_days', 0)} free days"


_CHARGE_RULES: Final = {
    "allocation": "in which order a payment settles costs, interest and principal",
    "total_cap": "a cap on all charges together",
    "fee_once_per": "a fee is charged once",
    "subdivision_rates": "the highest rate of the state",
}


def _rates(content: Mapping[str, Any]) -> str:
    rates = content["rates"]
    days = [rate["on"] for rate in rates] or ["-"]
    unverified = sum(not rate.get("verified_on") for rate in rates)
    cells = [f"`{content['id']}`", content["name"], content["source"], min(days), max(days)]
    return f"| {' | '.join([*cells, str(len(rates)), str(unverified)])} |"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


def _section(name: str, content: Mapping[str, Any], version: str) -> str:
    links = [f"{link} `{content[link]}`" for link in ("extends", "adds_to") if link in content]
    since = [f"in force from {content['valid_from']}"] if content.get("valid_from") else []
    about = ", ".join([f"version {version}", *links, *since]).replace("adds_to", "adds to")
    lines = [
        f"### `jurisdictions/{name}`\n",
        f"{about}\n",
        "| Rule | What | Where it is decided | Basis | Source | Verified |",
        "| --- | --- | --- | --- | --- | --- |",
        *(_line(row) for row in _rows(content)),
        "",
    ]
    return "\n".join(lines)


def _rows(content: Mapping[str, Any]) -> Iterator[Row]:
    for name, source in content.get("sources", {}).items():
        block = name.partition(".")[0]
        yield Row(f"{content['id']}.{name}", block, _BLOCKS[block], source)
    for block in ("caps", "gaps", "gates", "duties"):
        for rule in (*content.get(block, ()), *content.get(f"{block}_add", ())):
            yield Row(rule["id"], block, _says(block, rule), rule)


_BLOCKS: Final = {
    "clock": "zones intersect; unknown zone blocks",
    "windows": "hours",
    "holidays": "closed days",
    "consent": "consent",
    "optout": "opt-out",
    "stops": "stop flags",
    "disclose": "what a message must state",
    "receipt": "when a message counts as received",
    "plan": "limits of payment plans",
}


def _says(block: str, rule: Mapping[str, Any]) -> str:
    match block:
        case "caps":
            channels = ", ".join(rule["channels"])
            return f"at most {rule['n']} in {rule['days']} d per {rule['scope']}: {channels}"
        case "gaps":
            return f"{rule['days']} d after {rule['after']}: no {', '.join(rule['block'])}"
        case "duties":
            return str(rule["says"])
    days = f", {rule['min_days']} d" if "min_days" in rule else ""
    return f"{rule['before']} needs {rule['need']}{days}"


def _line(row: Row) -> str:
    basis = row.source["basis"]
    unchecked = "-" if basis == "convention" else "**no**"
    verified = row.source.get("verified_on") or unchecked
    cite = row.source.get("cite") or "-"
    return f"| `{row.id}` | {row.says} | {_CODE[row.block]} | {basis} | {cite} | {verified} |"


if __name__ == "__main__":
    main()
