"""Computing a posted line again from the inputs it was kept with."""

from typing import cast

from dunning.charges.fees import amount
from dunning.charges.interest import CORRECTS
from dunning.charges.segments import read, rounded, total
from schemas.charging import Charge
from schemas.interest import Rounding


def recompute(charge: Charge) -> int:
    """Return what a line comes to by its own inputs, in minor units; nothing else is looked at."""
    inputs = charge.inputs
    if CORRECTS in inputs:
        return -int(inputs["posted"])
    if charge.kind != "interest":
        return amount(inputs)
    minor = rounded(total(read(inputs["segments"])), cast("Rounding", inputs["rounding"]))
    return min(minor, int(inputs["room"])) if "room" in inputs else minor
