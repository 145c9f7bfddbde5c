"""`dunning policy check`, `resolve` and `migrate`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from schemas.base import Frozen
from schemas.errors import InputRefusedError
from starter.console import BAD_INPUT, REFUSED, AsJson, err, moment, out, print_json

app = typer.Typer(no_args_is_help=True)


class PolicyCheck(Frozen):
    """What a check found: the good files with their hashes, every fault and every warning."""

    good: dict[str, str]
    faults: tuple[str, ...]
    warnings: tuple[str, ...]


class PolicyChoice(Frozen):
    """The policy a receivable gets, or none, and why."""

    policy: str | None
    policy_hash: str | None
    reason: str


@app.callback()
def policy() -> None:
    """Work with policies."""


@app.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders; default: the shipped ones.")
    ] = None,
    jurisdiction: Annotated[
        list[str] | None,
        typer.Option(help="Contact rules to hold them against; default: those they are for."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check policies and what goes with them; every fault of every file is named.

    Assignments, packs, rates, scenarios and column maps are known by what they say they are.
    """
    from library.policies import SHIPPED
    from starter.usable import known_packs

    packs = known_packs(",".join(jurisdiction) if jurisdiction else None)
    found = _check(_files(paths or [SHIPPED]), packs)
    if as_json:
        print_json(found)
    else:
        for file, digest in found.good.items():
            version = f", version {digest}" if digest else ""
            out.print(f"{file}: good{version}", soft_wrap=True, markup=False)
        for words in found.warnings:
            err.print(f"warning: {words}", style="yellow", soft_wrap=True, markup=False)
        for words in found.faults:
            err.print(words, style="red", soft_wrap=True, markup=False)
    if found.faults:
        raise typer.Exit(BAD_INPUT)


@app.command()
def resolve(
    assignment: Annotated[Path, typer.Option(help="Which policy goes to whom (YAML or JSON).")],
    scenario: Annotated[Path, typer.Option(help="A case: its invoice and customer are asked for.")],
    as_json: AsJson = False,
) -> None:
    """Say which policy a receivable gets, and why; exit 1 when it gets none."""
    from library.assignments import find_assignment
    from starter.scenarios import load_scenario

    case = load_scenario(scenario)
    chosen = find_assignment(assignment).resolve(case.invoice, case.customer.facts)
    found = PolicyChoice(
        policy=chosen.policy and chosen.policy.id,
        policy_hash=chosen.policy and chosen.policy.hash,
        reason=chosen.reason,
    )
    if as_json:
        print_json(found)
    else:
        out.print(found.reason, soft_wrap=True, markup=False)
    if chosen.policy is None:
        raise typer.Exit(REFUSED)


@app.command()
def migrate(
    scenario: Annotated[Path, typer.Option(help="The case and its history (YAML or JSON).")],
    to: Annotated[str, typer.Option(help="The policy to move to: an id, a path, an assignment.")],
    at: Annotated[
        str | None, typer.Option(help="When to move, with offset; default: the scenario's end.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what goes out before and after a move to another policy; nothing is moved.

    Exit 1 with the reasons when the move would repeat a step or shorten what the debtor was given.
    """
    from starter.migrations import preview_lines, preview_of
    from starter.scenarios import load_scenario

    seen = preview_of(load_scenario(scenario), to, moment(at))
    if as_json:
        print_json(seen)
        return
    for line in preview_lines(seen):
        out.print(line, soft_wrap=True)


def _files(paths: list[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        files += sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise InputRefusedError(f"there is no policy under {', '.join(map(str, paths))}")
    return files


def _check(files: list[Path], jurisdictions: Sequence[str] | None) -> PolicyCheck:
    from starter.checking import check_document
    from starter.template_lint import lint_templates
    from starter.usable import must_show, shipped_languages, templates_of

    good: dict[str, str] = {}
    faults: list[str] = []
    warnings: list[str] = []
    named: set[str] = set()
    for file in files:
        found, version = check_document(file, jurisdictions)
        faults += found.faults
        warnings += found.warnings
        if not found.faults:
            good[str(file)] = version
        if found.policy is not None:
            named |= templates_of(found.policy)
    faults += lint_templates(must_show(), sorted(shipped_languages()), sorted(named))
    return PolicyCheck(good=good, faults=tuple(faults), warnings=tuple(warnings))
