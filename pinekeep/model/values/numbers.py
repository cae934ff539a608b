"""Whole numbers within bounds."""

from pinekeep.model.values import Check, refuse
from pinekeep.model.words import plain


def between(name: str, low: int, high: int, *, unit: str, example: int, step: int = 1) -> Check:
    """Return the check of a number from low to high, and a multiple of the step. ``name``: begins the error's code."""
    steps = f", in steps of {step}" if step > 1 else ""

    def check(value: int) -> int:
        if not low <= value <= high or value % step:
            message = f"allowed are {low} to {high} {unit}{steps}, got {plain(str(value))}"
            refuse(f"{name}-bounds", message, f"for example {example}")
        return value

    multiple = {"multipleOf": step} if step > 1 else {}
    return Check(check, allowed=f"{low} to {high}{steps}", minimum=low, maximum=high, **multiple)
