"""`dunning preview`."""

from pathlib import Path
from typing import Annotated

import typer

from schemas.errors import InputRefusedError
from starter.console import AsJson, out, print_json


def preview(
    policy: Annotated[str, typer.Argument(help="A shipped policy's id, or a path.")],
    step: Annotated[str | None, typer.Option(help="Only this step.")] = None,
    scenario: Annotated[
        Path | None, typer.Option(help="A case with its history; default: an invented one.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="en, de, fr, nl; default: the case's.")
    ] = None,
    to: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("preview"),
    as_json: AsJson = False,
) -> None:
    """Write what a policy's steps say, on every channel, to files; nothing is sent."""
    from library.policies import find_policy
    from starter.preview import preview as write
    from starter.scenarios import load_scenario

    case = load_scenario(scenario) if scenario else None
    try:
        written = write(find_policy(policy), to, case, step, language)
    except OSError as error:
        raise InputRefusedError(f"{to}: cannot be written to: {error.strerror}") from error
    if as_json:
        print_json(written)
        return
    for file in written.files:
        out.print(file, soft_wrap=True, markup=False)
