"""Leaving after the first blow."""

from adlabm.contracts import Param, Reaction


class Flatten(Reaction):
    """Closes what is left of its positions after a notice of deleveraging.

    Formula: close = 1 on a notice, carried out `delay_s` later. Source: the design, section 6.
    """

    key = "flatten"
    delay_s = Param(60.0, 0.0, 1e6, "s", "time between the notice and acting", "D")
    reads_notices = True

    @staticmethod
    def close(delay_s, b, c, d, lights, notified):
        return 1.0 if notified > 0.0 else 0.0
