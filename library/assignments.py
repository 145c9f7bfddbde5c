"""Finding assignments, and the policies they name."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dunning.resolution import Resolved, resolve
from library.documents import Document, DocumentRefusedError, checked, fault_at, read_document
from library.faults import Place
from library.policies import find_policy, policy_path
from library.salvage import read_policy
from schemas.assignment import Assignment
from schemas.customer import CustomerFacts
from schemas.errors import InputRefusedError
from schemas.invoice import Invoice
from schemas.policy import Policy

SCHEMA: Final = "policy-assignment/1"
SHAPE: Final = "an assignment is a mapping with `id` and `default`"


@dataclass(frozen=True)
class Assigned:
    """An assignment with every policy it names."""

    assignment: Assignment
    policies: Mapping[str, Policy]

    def resolve(self, invoice: Invoice, customer: CustomerFacts) -> Resolved:
        """Return the policy that an invoice of a customer gets, and the reason."""
        return resolve(self.assignment, self.policies, invoice, customer)


def is_assignment(content: object) -> bool:
    """Whether a document calls itself an assignment."""
    return isinstance(content, dict) and content.get("schema") == SCHEMA


def choose(named: str | dict[str, object], invoice: Invoice, customer: CustomerFacts) -> Resolved:
    """Return the policy that a policy's or an assignment's id, path or document gives.

    Raises InputRefusedError as `find_policy` and `find_assignment` do.
    """
    if isinstance(named, dict):
        document, folder = Document("the inline policy", named), Path()
    else:
        path = policy_path(named)
        document, folder = read_document(path), path.parent
    if is_assignment(document.content):
        return read_assignment(document, folder).resolve(invoice, customer)
    policy = read_policy(document)
    return Resolved(policy, f"policy {policy.id}, because it is asked for by name")


def find_assignment(path: Path) -> Assigned:
    """Return the assignment in a file.

    Raises InputRefusedError with every fault at once, those of the policies it names included.
    """
    return read_assignment(read_document(path), path.parent)


def read_assignment(document: Document, folder: Path) -> Assigned:
    """Return the assignment in a document whose paths start at `folder`; raises as above."""
    assignment = checked(document, Assignment, SHAPE)
    policies, faults = {}, []
    for name in assignment.names:
        try:
            policies[name] = find_policy(name, folder)
        except InputRefusedError as error:
            faults.append(fault_at(document, _place(assignment, name), str(error)))
    if faults:
        raise DocumentRefusedError(tuple(faults))
    return Assigned(assignment, policies)


def _place(assignment: Assignment, name: str) -> Place:
    """Return where an assignment first names a policy."""
    for part in ("invoices", "customers"):
        for key, named in getattr(assignment, part).items():
            if named == name:
                return part, key
    for number, rule in enumerate(assignment.rules):
        if rule.policy == name:
            return "rules", number, "policy"
    return ("default",)
