"""Everything that can go wrong on purpose, drawn once.

DunningError
├── InputRefusedError          somebody handed us something wrong; nothing was changed (exit code 2)
├── ServiceUnreachableError    a server we need does not answer (exit code 1)
├── RefusedByRulesError        the rules say no (exit code 1)
└── EffectError                an effect on the world did not simply succeed
    ├── DeliveryRefusedError     certainly not done, and trying again would not help
    ├── ProviderUnavailableError certainly not done, and trying again may help
    └── OutcomeUnknownError      perhaps done: never repeat it blindly
"""


class DunningError(Exception):
    """The root of all errors this project raises on purpose."""


class InputRefusedError(DunningError):
    """The input is wrong; the sentence names file, line or field and what would be right."""


class ServiceUnreachableError(DunningError):
    """A server does not answer; the sentence names its address and how to start it."""


class RefusedByRulesError(DunningError):
    """The request is well formed, and the rules refuse it."""


class EffectError(DunningError):
    """An effect did not simply succeed."""


class DeliveryRefusedError(EffectError):
    """The provider refused for good: the effect certainly did not happen."""


class ProviderUnavailableError(EffectError):
    """The provider could not be asked: the effect certainly did not happen, a retry may help."""


class OutcomeUnknownError(EffectError):
    """The effect may or may not have happened; it must not be repeated without asking."""
