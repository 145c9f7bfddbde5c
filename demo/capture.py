"""What the debtors got, as files: emails, text messages, calls, letters and dossiers."""

import json
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import boto3


class Captured:
    """Collects what the stand-ins received into one folder."""

    def __init__(self, folder: Path, environment: Mapping[str, str], bucket: str) -> None:
        self.folder = folder
        self._environment = environment
        self._bucket = bucket

    def collect(self, creditor: str) -> dict[str, int]:
        """Write everything of one creditor to files; returns how many of each kind."""
        twilio = self._environment["DUNNING_TWILIO_BASE_URL"]
        return {
            "emails": self._write("emails", "html", self._emails()),
            "text messages": self._write("texts", "txt", _bodies(f"{twilio}/_fake/messages")),
            "calls": self._write("calls", "xml", _scripts(f"{twilio}/_fake/calls")),
            "documents": self._documents(creditor),
        }

    def _write(self, kind: str, ending: str, texts: Iterable[tuple[str, str]]) -> int:
        count = 0
        for count, (name, text) in enumerate(texts, 1):
            file = self.folder / kind / f"{count:03d}-{name}.{ending}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return count

    def _emails(self) -> Iterable[tuple[str, str]]:
        answer = _get(f"{self._environment['DUNNING_AWS_ENDPOINT_URL']}/moto-api/data.json")
        for message in answer.get("ses", {}).get("Message", ()):
            to = ", ".join(message["destinations"].get("ToAddresses", ()))
            head = f"<!-- To: {to} | Subject: {message['subject']} -->\n"
            yield to.split("@")[-1], head + message["body"]

    def _documents(self, creditor: str) -> int:
        client = boto3.client(
            "s3",
            endpoint_url=self._environment["DUNNING_AWS_ENDPOINT_URL"],
            region_name=self._environment["AWS_DEFAULT_REGION"],
            aws_access_key_id=self._environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self._environment["AWS_SECRET_ACCESS_KEY"],
        )
        count = 0
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket):
            for found in page.get("Contents", ()):
                if f"/{creditor}/" in found["Key"]:
                    count += 1
                    file = self.folder / found["Key"]
                    file.parent.mkdir(parents=True, exist_ok=True)
                    client.download_file(self._bucket, found["Key"], str(file))
        return count


def _get(url: str) -> Any:  # noqa: ANN401 - JSON of the stand-ins
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(url, timeout=10) as answer:
        return json.load(answer)


def _bodies(url: str) -> Iterable[tuple[str, str]]:
    return ((one["to"].lstrip("+"), one["body"]) for one in _listed(url))


def _scripts(url: str) -> Iterable[tuple[str, str]]:
    return ((one["to"].lstrip("+"), one["twiml"]) for one in _listed(url))


def _listed(url: str) -> list[dict[str, Any]]:
    found = _get(url)
    if isinstance(found, dict):
        found = next(value for value in found.values() if isinstance(value, list))
    return list(found)
