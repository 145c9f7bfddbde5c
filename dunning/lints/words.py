"""Lints of words: every message exists in each channel, tone and language it can be met in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from dunning.lints.findings import Finding, warning
from schemas.policy import Policy
from schemas.steps import CONTACTS, Step, Variant


@dataclass(frozen=True)
class TemplateFacts:
    """What there is of one template; `pays` says whether it shows the reader how to pay."""

    channels: frozenset[str]
    tones: tuple[str, ...]
    languages: frozenset[str]
    pays: bool = True


def words(
    policy: Policy, templates: Mapping[str, TemplateFacts], languages: frozenset[str]
) -> Iterator[Finding]:
    """Yield every step that has no words in a channel, tone or language it can meet."""
    for step in policy.steps:
        for shape in _shapes(step):
            yield from _wordless(shape, templates, languages)
    yield from _first_without_pay_link(policy, templates)


def _shapes(step: Step) -> Iterator[Step]:
    """Yield a step as each group of an experiment meets it."""
    yield step
    yield from (_as_in(step, variant) for variant in step.variants.values())


def _as_in(step: Step, variant: Variant) -> Step:
    return step.model_copy(update=variant.model_dump(exclude_none=True))


def _wordless(
    step: Step, templates: Mapping[str, TemplateFacts], languages: frozenset[str]
) -> Iterator[Finding]:
    named: dict[str, tuple[str, str]] = {}
    for channel in (*step.do, *step.instead):
        if channel not in CONTACTS:
            continue
        field = "script" if channel == "call" else "template"
        name = str(getattr(step, field))
        facts = templates.get(name)
        if facts is None or channel not in facts.channels:
            fit = [known for known, one in sorted(templates.items()) if channel in one.channels]
            near = get_close_matches(name, fit, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(fit) or 'none'}"
            yield Finding(step.id, field, f"there is no {name!r} for {channel}; {hint}")
        else:
            named[name] = field, channel
    for name, (field, _) in named.items():
        yield from _unworded(step, field, templates[name], languages)


def _unworded(
    step: Step, field: str, facts: TemplateFacts, languages: frozenset[str]
) -> Iterator[Finding]:
    name = getattr(step, field)
    if facts.tones and step.tone not in facts.tones:
        there = ", ".join(facts.tones)
        yield Finding(step.id, "tone", f"{name!r} has no {step.tone!r}; it has {there}")
    if missing := sorted(languages - facts.languages):
        yield Finding(step.id, field, f"{name!r} has no words in {', '.join(missing)}")


def _first_without_pay_link(
    policy: Policy, templates: Mapping[str, TemplateFacts]
) -> Iterator[Finding]:
    for step in policy.steps:
        if step.is_contact and step.template:
            facts = templates.get(step.template)
            if facts is not None and not facts.pays:
                text = f"the first message, {step.template!r}, does not say how to pay"
                yield warning(step.id, "template", text)
            return
