"""Why a card payment was declined, as two classes: worth another try, or never.

A hard decline repeats itself however often it is tried, and card networks charge for trying; the
debtor has to give another card. Codes are those that payment providers agree on; one we do not know
is soft, for that only costs a try.
"""

HARD_DECLINES = frozenset(
    {
        "authentication_required",
        "card_not_supported",
        "do_not_honor",
        "expired_card",
        "fraudulent",
        "incorrect_cvc",
        "incorrect_number",
        "invalid_account",
        "lost_card",
        "no_payment_method",
        "pickup_card",
        "restricted_card",
        "revocation_of_authorization",
        "stolen_card",
        "transaction_not_allowed",
    }
)
SOFT_DECLINES = frozenset(
    {
        "approve_with_id",
        "card_velocity_exceeded",
        "declined",
        "generic_decline",
        "insufficient_funds",
        "issuer_not_available",
        "processing_error",
        "try_again_later",
        "withdrawal_count_limit_exceeded",
    }
)


def decline_class(code: str) -> str:
    """Return `hard_decline` or `soft_decline` for a decline code, any other outcome as it is."""
    if code in HARD_DECLINES:
        return "hard_decline"
    return "soft_decline" if code in SOFT_DECLINES else code
