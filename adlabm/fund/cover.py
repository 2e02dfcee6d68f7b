"""A fund that pays losses and takes no positions."""

from adlabm.contracts import Fund


class Cover(Fund):
    """Takes nothing over; its cash pays what an account still owes when its positions are gone, and only the rest is charged to others.

    Source: the insurance buffers of Drift (venue notes 3.8) and Percolator (3.22).
    """

    key = "cover"
    covers = True

    @staticmethod
    def take(lots, gap, value, equity, cash, inventory, capacity):
        return 0
