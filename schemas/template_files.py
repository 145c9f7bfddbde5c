"""Which files a message template is made of: the one list that renderer and policy check share."""

from schemas.customer import Channel

FILES: dict[Channel, tuple[str, ...]] = {
    "email": ("email.subject.j2", "email.txt.j2", "email.html.j2"),
    "sms": ("sms.txt.j2",),
    "call": ("call.twiml.j2",),
    "letter": ("letter.html.j2",),
}
"""The files of each channel, under `templates/<template>/<language>/`."""

LAST_RESORT = "en"
"""The language a template must have; another one that is missing falls back to it."""
