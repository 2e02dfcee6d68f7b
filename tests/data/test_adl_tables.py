"""Readers of the ADL tables: what they refuse, what they count, and that the order of rows does not matter."""

import numpy as np
import pytest

from adlabm.data.adl_tables import LAYOUTS, read_adl_table
from adlabm.data.check import check, quality
from adlabm.errors import BadInput

LOSERS = """wave,t_start_ms,t_end_ms,n_rows,unique_losers,deficit_usd,max_loss_usd
1,1000,1000,5,1,70.5,70.5
2,2000,2500,9,3,80.0,70.5
5,9000,9000,2,2,4.0,3.0
"""
CLUSTERS = """coin,cluster_id,t_start,deficit_usd,total_capacity_usd,budget_queue_usd,overshoot_queue_usd,residual_queue_usd
AA,1,x,10,100,30,20,0
AA,2,x,0,50,50,50,0
B,1,x,90,60,60,0,30
"""


def write(folder, text, name="table.csv"):
    path = folder / name
    path.write_text(text)
    return path


def test_waves_are_counted(tmp_path):
    table, found = read_adl_table(write(tmp_path, LOSERS), "losers")
    assert found.counts == {"missing_waves": 2, "repeated": 2}
    assert table["deficit_usd"].tolist() == [70.5, 80.0, 4.0]
    assert "US dollars" in found.lines()[0]
    assert found.as_dict()["notices"] == list(LAYOUTS["losers"].notices)


@pytest.mark.parametrize(("name", "text"), [("losers", LOSERS), ("clusters", CLUSTERS)])
def test_the_order_of_rows_does_not_matter(tmp_path, name, text):
    head, *rows = text.strip().split("\n")
    first, _ = read_adl_table(write(tmp_path, text), name)
    again, _ = read_adl_table(write(tmp_path, "\n".join([head, *rows[::-1]])), name)
    assert first.equals(again)


@pytest.mark.parametrize(
    ("name", "text", "old", "new", "message"),
    [
        ("losers", LOSERS, "deficit_usd", "deficit_usdt", r"column 'deficit_usd' is missing \(did you mean 'deficit_usdt'\?\)"),
        ("losers", LOSERS, "5,9000", "2,9000", r"line 4, column wave: '2' must stand once in the table"),
        ("losers", LOSERS, "4.0,3.0", "4.0,5.0", r"line 4, column max_loss_usd: '5\.0' must not exceed the deficit of its wave"),
        ("losers", LOSERS, "4.0,3.0", "-4.0,3.0", r"line 4, column deficit_usd: '-4\.0' must be zero or more"),
        ("losers", LOSERS, "2000,2500", "2000,1500", r"line 3, column t_end_ms: '1500' must not be earlier"),
        ("losers", LOSERS, "4.0,3.0", "4.0", r"line 4: the row ends at column 6 of 7.*truncated"),
        ("losers", LOSERS, "9000,9000,2,", "9000,9000,2.5,", r"column n_rows: '2\.5' must be a whole number"),
        ("clusters", CLUSTERS, "30,20,0", "30,25,0", r"line 2, column overshoot_queue_usd: '25' must be the budget beyond the deficit"),
        ("clusters", CLUSTERS, "60,60,0,30", "60,61,0,29", r"line 4, column budget_queue_usd: '61' must not exceed the capacity"),
        ("clusters", CLUSTERS, "B,1,x", ",1,x", r"line 4, column coin: '' must not be empty"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, name, text, old, new, message):
    assert old in text
    with pytest.raises(BadInput, match=message):
        read_adl_table(write(tmp_path, text.replace(old, new)), name)


@pytest.mark.parametrize(
    ("gap", "contracts", "each", "sound"),
    [
        (2e9, 1e6, 2000.0009, True),
        (2e9, 1e6, 2000.0021, False),
        (30.0, 3.0, 10.003, True),
        (30.0, 3.0, 10.004, False),
    ],
)
def test_a_gap_per_contract_is_rounded_to_a_cent_or_a_millionth(tmp_path, gap, contracts, each, sound):
    table = write(tmp_path, f"wave,coin,gap_usd_x_qty,qty_contracts,gap_per_contract_usd\n1,AA,{gap},{contracts},{each}\n")
    if sound:
        assert read_adl_table(table, "gaps")[1].rows == 1
    else:
        with pytest.raises(BadInput, match="must be the gap divided by the contracts"):
            read_adl_table(table, "gaps")


def test_there_are_no_other_tables(tmp_path):
    with pytest.raises(BadInput, match=r"There is no ADL table 'looser' \(did you mean 'losers'\?\)"):
        read_adl_table(tmp_path / "x.csv", "looser")


def test_a_format_is_known_by_its_columns(tmp_path):
    assert quality(write(tmp_path, LOSERS)).series == LAYOUTS["losers"].series
    bars = "1760054400000,1,2,0.5,1,0,0,0,60,0,0,0\n1760054460000,1,2,0.5,1,0,0,0,60,0,0,0\n"
    assert quality(write(tmp_path, bars)).series == "mark price klines"
    with pytest.raises(BadInput, match=r"no table that adlabm reads \(its columns: a, b\)"):
        quality(write(tmp_path, "a,b\n1,2\n"))


def test_a_folder_is_checked_to_its_end(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    write(tmp_path, LOSERS.replace("70.5,70.5", "70.5,71.5"), "a.csv")
    write(tmp_path, "a,b\n1,2\n", "b.csv")
    write(tmp_path, CLUSTERS, "c.csv")
    lines, sound = check(tmp_path)
    assert not sound
    assert lines[0].startswith("Refused: a.csv, line 2, column max_loss_usd")
    assert lines[1] == "b.csv: no table that adlabm reads, left alone."
    assert lines[2].startswith("c.csv: clusters of ADL by coin")
    with pytest.raises(BadInput, match="holds no CSV and no zip"):
        check(empty)


@pytest.mark.parametrize("name", [name for name in LAYOUTS if name != "horizons"])
def test_the_real_tables_are_sound(data, name):
    path = data / LAYOUTS[name].file
    if not path.exists():
        pytest.skip(f"needs {LAYOUTS[name].file} in ADLABM_DATA")
    table, found = read_adl_table(path, name)
    assert (
        found.rows
        == len(table)
        == {"accounts": 19_337, "reactions": 19_351, "clusters": 1_125, "gaps": 728}.get(name, 162 if name in ("coins", "volumes") else 16)
    )
    assert np.isfinite(table[[each for each, kind in LAYOUTS[name].columns.items() if kind != "name"]]).all(axis=None)
    assert quality(path).series == LAYOUTS[name].series
