"""What the law, or a house rule, of one place says about contact (`contact-rules/1`)."""

from schemas.base import Frozen


class Pack(Frozen):
    """The contact rules of one place and kind of debtor."""

    id: str
    version: str
