"""Watching the lights."""

from adlabm.contracts import Param, Reaction


class Reduce(Reaction):
    """Closes a share of its position when its indicator shows `lights` or more; looks again each time the lights are refreshed.

    Formula: close = share if lights shown >= lights, carried out `delay_s` later. Source: market models 2.4 (4 of 5 lights, a
        quarter, 1 to 5 min).
    """

    key = "reduce"
    lights = Param(4, 1, 5, "lights", "lights at which the trader acts", "market models 2.4")
    share = Param(0.25, 0.0, 1.0, "share", "of the position that is closed", "market models 2.4")
    delay_s = Param(60.0, 0.0, 1e6, "s", "time between seeing and acting", "market models 2.4")
    reads_lights = True

    @staticmethod
    def close(threshold, share, delay_s, d, lights, notified):
        return share if lights >= threshold and notified == 0.0 else 0.0
