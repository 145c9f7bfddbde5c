"""Which policies a command opens cases by: one that is asked for by name, or an assignment."""

from collections.abc import Callable
from pathlib import Path

from dunning.resolution import Resolved
from library.assignments import Assigned, find_assignment
from library.documents import DocumentRefusedError
from library.policies import policy_path
from schemas.assignment import Assignment
from schemas.customer import CustomerFacts
from schemas.errors import InputRefusedError
from schemas.invoice import Invoice
from schemas.policy import Policy
from starter.console import DEFAULT_POLICY
from starter.usable import check_policy, usable_policy

Choose = Callable[[Invoice, CustomerFacts], Resolved]
"""Returns the policy of an invoice and its customer, or none, and the reason."""


def assigned(policy: str | None, assignment: Path | None) -> Assigned:
    """Return what many cases are opened by; a policy alone is everybody's default.

    Raises InputRefusedError with every fault of the assignment and of each of its policies.
    """
    return alone(_only(policy)) if assignment is None else _usable(policy, assignment)


def choice(policy: str | None, assignment: Path | None) -> Choose:
    """Return what one case is opened by; a policy asked for by name is given to any receivable.

    Raises as `assigned` does.
    """
    if assignment is not None:
        return _usable(policy, assignment).resolve
    chosen = _only(policy)
    reason = f"policy {chosen.id}, because it is asked for by name"
    return lambda _invoice, _customer: Resolved(chosen, reason)


def alone(policy: Policy) -> Assigned:
    """Return the assignment that gives every receivable the policy is for this one policy."""
    return Assigned(Assignment(id=policy.id, default=policy.id), {policy.id: policy})


def _only(policy: str | None) -> Policy:
    return usable_policy(policy or DEFAULT_POLICY)


def _usable(policy: str | None, path: Path) -> Assigned:
    if policy is not None:
        raise InputRefusedError("--policy and --assignment exclude each other; give one of them")
    found = find_assignment(path)
    names = found.assignment.names
    checked = [check_policy(policy_path(name, path.parent)) for name in names]
    if faults := tuple(words for one in checked for words in one.faults):
        raise DocumentRefusedError(faults)
    return found
