"""Finding policies: shipped ones by id, others by path, or a document inline."""

from pathlib import Path
from typing import Final

from library.documents import Document, read_document
from library.salvage import read_policy
from schemas.errors import InputRefusedError
from schemas.policy import Policy

SHIPPED: Final = Path(__file__).resolve().parent.parent / "policies"


def find_policy(named: str | dict[str, object], beside: Path | None = None) -> Policy:
    """Return the policy of that id, path or inline document; paths start at the folder `beside`.

    Raises InputRefusedError naming the file and every faulty field; the ids of the shipped
    policies are listed when there is none of that name.
    """
    if isinstance(named, dict):
        return read_policy(Document("the inline policy", named))
    return load_policy(policy_path(named, beside))


def policy_path(named: str, beside: Path | None = None) -> Path:
    """Return the file of the policy of that id or path; raises as `find_policy` does."""
    if is_path(named):
        return Path(named) if beside is None else beside / named
    path = SHIPPED / f"{named}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.yaml")))
        raise InputRefusedError(
            f"there is no policy {named!r}; shipped are {known}, or give a path"
        )
    return path


def is_path(named: str) -> bool:
    """Whether a policy is named by its path, not by its id."""
    return Path(named).suffix in {".yaml", ".yml", ".json"} or "/" in named


def load_policy(path: Path) -> Policy:
    """Return the policy in a file; raises InputRefusedError as `find_policy` does."""
    return read_policy(read_document(path))
