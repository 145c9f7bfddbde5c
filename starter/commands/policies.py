"""`dunning policy check`."""

from pathlib import Path
from typing import Annotated

import typer

from library.policies import SHIPPED, load_policy
from schemas.base import Frozen
from schemas.errors import InputRefusedError
from starter.console import BAD_INPUT, AsJson, err, out, print_json
from starter.template_check import check_templates

app = typer.Typer(no_args_is_help=True)


class PolicyCheck(Frozen):
    """What a check found: the good policies with their hashes, and every fault."""

    good: dict[str, str]
    faults: tuple[str, ...]


@app.callback()
def policy() -> None:
    """Work with policies."""


@app.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders; default: the shipped ones.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check policies; every faulty file is named, not only the first."""
    found = _check(_files(paths or [SHIPPED]))
    if as_json:
        print_json(found)
    else:
        for file, digest in found.good.items():
            out.print(f"{file}: good, version {digest}")
        for fault in found.faults:
            err.print(fault, style="red", soft_wrap=True, markup=False)
    if found.faults:
        raise typer.Exit(BAD_INPUT)


def _files(paths: list[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        files += sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise InputRefusedError(f"there is no policy under {', '.join(map(str, paths))}")
    return files


def _check(files: list[Path]) -> PolicyCheck:
    good, faults = {}, []
    for file in files:
        try:
            policy = load_policy(file)
            check_templates(policy, str(file))
            good[str(file)] = policy.hash
        except InputRefusedError as error:
            faults.append(str(error))
    return PolicyCheck(good=good, faults=tuple(faults))
