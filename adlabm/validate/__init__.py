"""Does a scenario look like a market? The battery of stylised facts, beside a market without feedback and beside real prices."""

from adlabm.validate.battery import Report, validate

__all__ = ["Report", "validate"]
