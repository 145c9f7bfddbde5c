"""The contracts as JSON Schema: what others may send us, and what they get back.

    python -m schemas.contracts            writes docs/contracts/
    python -m schemas.contracts --check    changes nothing; exits 1 and names what has drifted

Everything comes from the models, except where what a person writes (`due+8d`, `"09:00"`) differs
from what a model holds: `WRITTEN` says those forms, and a test holds them against the models.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from schemas.assignment import Assignment
from schemas.base import Frozen
from schemas.billing import BillingRequest
from schemas.case import CaseView
from schemas.outgoing import OUTGOING
from schemas.policy import Policy
from schemas.scenario import Scenario
from schemas.signals import SIGNAL, SIGNALS, EffectResolved

JsonSchema = dict[str, Any]

FOLDER: Final = Path(__file__).resolve().parent.parent / "docs" / "contracts"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_NUMBER: Final = {
    "anyOf": [
        {"type": "string", "pattern": r"^-?(\d+(\.\d*)?|\.\d+)$", "maxLength": 28},
        {"type": "number"},
    ],
    "description": 'A plain decimal, better as a string: "123.45".',
}
_SUMS: Final = {
    "type": "object",
    "propertyNames": {"pattern": r"^([A-Z]{3}|\*)$"},
    "additionalProperties": _NUMBER,
    "description": "Sums by ISO 4217 currency; `*` stands for every other one.",
}
_SPAN: Final = {
    "type": "string",
    "pattern": r"^\d{1,4}[dw]$",
    "description": "Days or weeks: 3d, 2w.",
}
_MINUTES: Final = {
    "type": "string",
    "pattern": r"^\d{1,4}(min|h)$",
    "description": "Minutes or hours, a day at most: 30min, 2h.",
}
_TIME: Final = {
    "type": "string",
    "pattern": (
        r"^((due|issued)[+-]\d{1,4}[dwm]|previous\+\d{1,4}[dwm]|eom\(due[+-]\d{1,4}[dwm]\)"
        r"|due\+\d{1,4} ?(business days|bd))$"
    ),
    "description": "due+8d, issued+30d, previous+14d, eom(due+1m) or due+5 business days.",
}
_GAPS: Final = _SPAN | {
    "type": ["string", "array"],
    "items": _SPAN,
    "minItems": 1,
    "maxItems": 12,
    "description": "One gap, 3d, for every time, or a list with one for each: [1d, 3d].",
}
_RATE: Final = {
    "anyOf": [
        {
            "type": "string",
            "pattern": (
                r"^(statutory|\d+(\.\d+)? ?(%( (a|per) year|( (a|per)| per started) month)?)?)$"
            ),
        },
        {"type": "number"},
        {"$ref": "#/$defs/Fixed"},
        {"$ref": "#/$defs/Reference"},
    ],
    "description": '"12" (percent a year), "1.5% per month", statutory, or a table plus points.',
}
_SHARE: Final = {
    "anyOf": [{"type": "string", "pattern": r"^\d{1,3}(\.\d+)?%?$"}, {"type": "number"}],
    "description": "A share: 10%.",
}
_HOUR: Final = {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"}
_CAP: Final = {"type": "string", "pattern": r"^\d+(\.\d+)?% of principal$"}


def _or_none(form: JsonSchema) -> JsonSchema:
    return {"anyOf": [form, {"type": "null"}], "default": None}


WRITTEN: Final[Mapping[tuple[str, str], JsonSchema]] = {
    ("Amount", "amount"): _NUMBER,
    ("Amount", "currency"): {"type": "string", "pattern": "^[A-Z]{3}$"},
    ("Policy", "minimum_open"): _SUMS | {"default": {}},
    ("Policy", "tolerance"): _SUMS | {"default": {}},
    ("Policy", "min_gap"): _SPAN | {"default": "0d"},
    ("Policy", "together"): _MINUTES | {"default": "30min"},
    ("Policy", "send_at"): _HOUR | {"default": "09:00"},
    ("Step", "at"): _TIME,
    ("ChargeRule", "flat"): _SUMS | {"default": {}},
    ("ChargeRule", "percent"): _or_none(_NUMBER),
    ("ChargeRule", "min"): _SUMS | {"default": {}},
    ("ChargeRule", "max"): _SUMS | {"default": {}},
    ("ChargeRule", "min_charge"): _SUMS | {"default": {}},
    ("ChargeRule", "cap"): _or_none(_CAP),
    ("ChargeRule", "gross_up"): _or_none(_NUMBER),
    ("InterestRule", "rate"): _RATE,
    ("InterestRule", "max_rate"): _or_none(_NUMBER),
    ("Fixed", "percent"): _NUMBER,
    ("Reference", "add"): _NUMBER | {"default": "0"},
    ("Reference", "round_up_to"): _or_none(_NUMBER),
    ("PlanRule", "tolerance"): _SUMS | {"default": {"*": "1.00"}},
    ("PlanRule", "tolerance_percent"): _NUMBER | {"default": "1"},
    ("Retry", "every"): _GAPS,
    ("Repeat", "every"): _SPAN,
    ("Condition", "open_at_least"): _SUMS | {"default": {}},
    ("Condition", "share_at_least"): _or_none(_SHARE),
    ("Condition", "overdue_at_least"): _or_none(_SPAN),
    ("Approval", "within"): _SPAN,
    ("Scenario", "policy"): {
        "anyOf": [
            {"type": "string", "description": "A shipped policy's id, or a path."},
            {"$ref": "policy.json"},
            {"$ref": "assignment.json"},
        ]
    },
}
"""Model and field to what is written there."""


class _Plain(GenerateJsonSchema):
    """Without a title for every field: it would repeat the field's name."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - pydantic's name
        return False


def contracts() -> dict[str, str]:
    """Return every contract: file name, relative to the folder, to its text."""
    found = {"case-view.json": _schema(CaseView, "serialization")}
    found["policy.json"] = _schema(Policy)
    found["assignment.json"] = _schema(Assignment)
    found["scenario.json"] = _schema(Scenario)
    found["record.json"] = _record()
    found["resolve-effect.json"] = _schema(EffectResolved)
    found["billing-request.json"] = _schema(BillingRequest, "serialization")
    found["outgoing.json"] = _outgoing()
    for name, model in SIGNALS.items():
        found[f"signals/{name}.json"] = _schema(model)
    return {name: json.dumps(found[name], indent=2) + "\n" for name in sorted(found)}


def _schema(model: type[Any], mode: JsonSchemaMode = "validation") -> JsonSchema:
    return _finished(TypeAdapter(model).json_schema(mode=mode, schema_generator=_Plain))


def _record() -> JsonSchema:
    """Return what the update `record` takes: any event, which there must name its type."""
    either = _finished(SIGNAL.json_schema(schema_generator=_Plain))
    words = "Any signal as one object that names its `type`."
    return either | {"title": "Record", "description": words, "required": ["type"]}


def _outgoing() -> JsonSchema:
    either = _finished(OUTGOING.json_schema(mode="serialization", schema_generator=_Plain))
    words = "One event that leaves for the billing system; `type` says what `data` holds."
    return either | {"title": "Outgoing", "description": words}


def _finished(schema: JsonSchema) -> JsonSchema:
    for part in (schema, *schema.get("$defs", {}).values()):
        _finish(part)
    if "StepTime" in schema.get("$defs", {}):  # nobody writes one as an object
        del schema["$defs"]["StepTime"]
    return {"$schema": DIALECT} | schema


def _finish(part: JsonSchema) -> None:
    if "description" in part:  # the first paragraph; what follows is for programmers
        part["description"] = " ".join(part["description"].split("\n\n")[0].split())
    fields = part.get("properties", {})
    for (model, field), written in WRITTEN.items():
        if model == part.get("title"):
            fields[field] = {**written}
    match part.get("title"):
        case "Step":
            one = fields["do"]["items"]
            fields["do"] = {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}
            channel = fields["instead"]["items"]
            listed = {"type": "array", "items": channel}
            fields["instead"] = {"anyOf": [channel, listed], "default": []}
        case "Scenario":  # in a signal the name is known, in a list it is not
            fields["events"]["items"]["required"] = ["type"]


class Drift(Frozen):
    """A file that is not what the models say, and in which way."""

    file: str
    fault: str


def drift(folder: Path = FOLDER) -> Iterator[Drift]:
    """Yield every file of the folder that differs, is missing or belongs to no contract."""
    wanted = contracts()
    for name, text in wanted.items():
        file = folder / name
        if not file.is_file():
            yield Drift(file=name, fault="is missing")
        elif file.read_text(encoding="utf-8") != text:
            yield Drift(file=name, fault="differs from its model")
    for file in sorted(folder.rglob("*.json")):
        if (name := file.relative_to(folder).as_posix()) not in wanted:
            yield Drift(file=name, fault="belongs to no contract")


def write(folder: Path = FOLDER) -> None:
    """Write every contract, and take away files that belong to none."""
    wanted = contracts()
    for stray in {file.relative_to(folder).as_posix() for file in folder.rglob("*.json")}:
        if stray not in wanted:
            (folder / stray).unlink()
    for name, text in wanted.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def main(words: list[str] | None = None) -> int:
    """Write or check the contracts; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m schemas.contracts", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 on drift")
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    chosen = parser.parse_args(words)
    if not chosen.check:
        write(chosen.folder)
        return 0
    found = list(drift(chosen.folder))
    for one in found:
        sys.stderr.write(f"{chosen.folder / one.file} {one.fault}; run `make contracts`\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
