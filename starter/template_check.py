"""Does every template a policy names exist? Asked before a case can meet a missing one."""

from collections.abc import Iterator
from pathlib import Path

from schemas.errors import InputRefusedError
from schemas.policy import Policy, Step
from schemas.template_files import FILES, LAST_RESORT

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


def check_templates(policy: Policy, where: str, folder: Path = TEMPLATES) -> None:
    """Raise InputRefusedError naming every step whose template, channel or tone does not exist."""
    faults = [fault for step in policy.steps for fault in _faults(step, folder)]
    if faults:
        raise InputRefusedError(f"{where}: {'; '.join(faults)}")


def _faults(step: Step, folder: Path) -> Iterator[str]:
    for do in step.do:
        if do in FILES:
            field = "script" if do == "call" else "template"
            yield from _missing(step, field, do, folder)


def _missing(step: Step, field: str, channel: str, folder: Path) -> Iterator[str]:
    name = str(getattr(step, field))
    place = folder / name / LAST_RESORT
    files = next(files for known, files in FILES.items() if known == channel)
    if not all((place / file).is_file() for file in files):
        known = ", ".join(_with(folder, files))
        yield f"step {step.id}: {field}: there is no {name!r} for {channel}; there are {known}"
        return
    tones = sorted(file.stem for file in (place / "tones").glob("*.j2"))
    if tones and step.tone not in tones:
        yield f"step {step.id}: tone: {name!r} has no {step.tone!r}; it has {', '.join(tones)}"


def _with(folder: Path, files: tuple[str, ...]) -> Iterator[str]:
    for template in sorted(folder.iterdir()):
        if all((template / LAST_RESORT / file).is_file() for file in files):
            yield template.name
