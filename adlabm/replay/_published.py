"""What is published about the waves of 10 October 2025: the figures, their precision, and the waves as printed (dollars)."""

from __future__ import annotations

import numpy as np
import pandas as pd

FIGURES = {
    "budget needed": (15_079_669.61, 2),
    "budget produced": (60_108_335.33, 2),
    "net overshoot at 0 ms": (45_028_665.72, 2),
    "net overshoot at 500 ms": (51_673_606.61, 2),
    "net overshoot at 1000 ms": (51_012_123.23, 2),
    "net overshoot at 2000 ms": (47_446_692.11, 2),
    "net overshoot at 5000 ms": (49_273_475.02, 2),
    "overshoot, waves over": (49_405_578, 0),
    "undershoot, waves under": (4_376_912, 0),
    "produced over needed": (3.986, 3),
    "deficit": (100_063_386.69, 2),
    "severity of production, mean, capped": (0.579, 3),
    "severity needed, mean, capped": (0.386, 3),
    "largest severity of production": (58, 0),
    "waves with needed above deficit": (4, 0),
    "waves with produced above deficit": (8, 0),
    "needed in single-stamp waves": (4_844_691, 0),
    "produced in single-stamp waves": (1_050_654, 0),
    "net overshoot of single-stamp waves": (-3_794_037, 0),
    "needed in multi-stamp waves": (10_234_978, 0),
    "produced in multi-stamp waves": (59_057_682, 0),
    "net overshoot of multi-stamp waves": (48_822_703, 0),
    "rank correlation of duration and overshoot": (0.77, 2),
    "ADL rows in the waves": (31_152, 0),
    "largest loss of a wave": (10_925_707.16, 2),
    "waves with that loss": (9, 0),
    "its share of the deficit": (0.983, 3),
    "tracking of production": (53_782_490.53, 2),
    "fairness regret of production": (11_077_031.68, 2),
    "total loss of production": (64_859_522.21, 2),
    "path length": (7.0595, 4),
    "square root of the summed squared deficits": (33_356_243, 0),
    "bound": (129_699_802.43, 2),
    "total loss of production over the bound": (0.5, 3),
    "net overshoot of contract pro rata": (-3_020_000, -4),
    "net overshoot of contract pro rata, paper v3": (-1_500_000, -5),
    "net overshoot of the integer programme, paper v3": (50_000, -4),
    "clusters by coin": (1_125, 0),
    "clusters by coin without a deficit": (955, 0),
    "deficit by coin": (23_191_104.48, 2),
    "capacity of winners by coin": (2_888_243_818, 0),
    "queue budget by coin": (660_053_504.15, 2),
    "queue excess by coin": (653_552_663.51, 2),
    "queue residual by coin": (16_690_263.85, 2),
    "queue excess over deficit": (28.18, 2),
    "queue excess where there is no deficit": (342_510_160, 0),
    "its share of the excess": (0.524, 3),
    "coins": (162, 0),
    "queue excess, ETH": (95.0e6, -5),
    "queue excess, XPL": (94.4e6, -5),
    "queue excess, SOL": (67.1e6, -5),
    "queue excess, FARTCOIN": (48.0e6, -5),
    "queue excess, BTC": (47.6e6, -5),
    "accounts followed afterwards": (19_351, 0),
    "their ADL fills": (35_022, 0),
    "accounts with one fill": (12_833, 0),
    "accounts that traded within 60 s": (745, 0),
    "mean share undone within 60 s": (0.0137, 4),
}
"""Figure -> (as published, decimals published). Source: arXiv 2512.01112 v3, 2602.15182 and their tables; ADL notes 4.4."""

UNKNOWN = (
    "mean participation of the queue, 0.8622 (the winners by cluster are not published)",
    "expected profit closed, 98.10 M, and equity over profit of the winners, median 4.413 (rows by event and winner are not published)",
    "the table of paper v2 beyond its queue row, and shares of winners hit by coin (rows by event are not published)",
)
"""Published figures for which the tables lack what is needed."""

WAVES = pd.DataFrame(
    [
        (1, 2_266_240, 414_234, -1_852_006),
        (2, 1_383_878, 171_137, -1_212_741),
        (4, 1_065_843, 407_593, -658_250),
        (5, 115_497, 41_011, -74_485),
        (7, 8_056, 8_995, 939),
        (8, 1_576_039, 11_415_048, 9_839_009),
        (9, 44_868, 16_098, -28_770),
        (10, 1_622_229, 1_071_568, -550_661),
        (11, 373_727, 1_202_927, 829_200),
        (12, 5_177, 7_683, 2_506),
        (13, 5_584_124, 38_449_033, 32_864_910),
        (14, 1_021_113, 6_612_642, 5_591_529),
        (17, 9_400, 243_601, 234_201),
        (21, 1_545, 18_544, 16_999),
        (25, 672, 17_881, 17_209),
        (28, 1_263, 10_340, 9_077),
    ],
    columns=["wave", "needed", "produced", "overshoot"],
)


def compared(found: dict[str, float]) -> pd.DataFrame:
    """Published, recomputed, difference, and whether the two agree to the last digit published."""
    rows = [(name, float(value), float(found[name]), float(digits)) for name, (value, digits) in FIGURES.items()]
    table = pd.DataFrame(rows, columns=["figure", "published", "recomputed", "digits"])
    table["difference"] = table["recomputed"] - table["published"]
    table["agrees"] = np.where(table["difference"].abs() <= 0.5 * 10.0 ** -table["digits"] * (1 + 1e-6), "yes", "NO")
    return table.drop(columns="digits").round({"difference": 6})
