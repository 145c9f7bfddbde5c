"""What a message template is made of: its sheet (`template.yaml`) and its words (`<lang>.yaml`).

A template is a folder under `templates/`. The sheet says on which channels and in which tones it
can be said, and in what order its parts stand; a word file says it in one language. What all
templates of a language share stands in `_base/<lang>.yaml`.
"""

from typing import Literal

from pydantic import ConfigDict, Field

from schemas.base import Frozen
from schemas.customer import Channel

Tone = Literal["friendly", "firm", "formal"]
Way = Literal[
    "how_to_pay", "plan_way", "promise_way", "how_to_dispute", "wrong_person", "contact_way"
]
"""The ways out that a message shows; where contact rules ask for one, it is called as they do."""

SHEET = "template.yaml"
BASE = "_base"
LAST_RESORT = "en"
"""The language a template must have; another one that is missing falls back to it."""

WAYS: tuple[Way, ...] = (
    "how_to_pay", "plan_way", "promise_way", "how_to_dispute", "wrong_person", "contact_way",
)  # fmt: skip


class TemplateSheet(Frozen):
    """How a template is built; the same in every language.

    `parts` are, in order, tables (`account`, `statement`, `schedule`), the list `ways`, or names of
    words. `attach` sends the letter along with the email.
    """

    channels: tuple[Channel, ...] = Field(min_length=1)
    tones: tuple[Tone, ...] = Field(min_length=1)
    parts: tuple[str, ...] = ("lead", "account", "ask", "ways")
    ways: tuple[Way, ...] = WAYS
    attach: bool = False


class WordFile(Frozen):
    """The words of one language: name to sentence, narrowed by channel or tone where they differ.

    A sentence is Jinja: text with `{{ values }}` in it.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, str] = Field(init=False)

    channels: dict[Channel, dict[str, str]] = {}
    tones: dict[Tone, dict[str, str]] = {}

    @property
    def words(self) -> dict[str, str]:
        """The sentences that hold for every channel and tone."""
        return self.__pydantic_extra__
