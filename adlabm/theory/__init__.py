"""Reference solutions that the engine is held against."""

from adlabm.theory.cascade import Cascade, Fold, cascade_fixed_point, cascade_fold, cascade_limited

__all__ = ["Cascade", "Fold", "cascade_fixed_point", "cascade_fold", "cascade_limited"]
