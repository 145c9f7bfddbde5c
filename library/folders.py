"""Reading a folder of documents of one kind, each named after its id."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from library.documents import DocumentRefusedError, read_model

Model = TypeVar("Model", bound=BaseModel)


def read_folder(folder: Path, model: type[Model], shape: str) -> dict[str, Model]:
    """Return every document of a folder by its file's name, which must be its id.

    Raises DocumentRefusedError with every fault of every file: its file, line and field.
    """
    found: dict[str, Model] = {}
    faults: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            document = read_model(path, model, shape)
        except DocumentRefusedError as error:
            faults += error.faults
            continue
        if (named := getattr(document, "id", None)) != path.stem:
            faults.append(f"{path}: id: {named!r} is not the file's name; write {path.stem}")
        found[path.stem] = document
    if faults:
        raise DocumentRefusedError(tuple(faults))
    return found
