"""What is drawn is written down: a figure changes on purpose, never by the way."""

import pytest
from matplotlib.figure import Figure

from adlabm.reports import holders
from tests.reports.drawn import all_figures, drawn, table_of_positions, table_of_sides, written

CURE = "A figure changed. If that is meant, and it has been looked at: python -m tests.reports.drawn"
WRITTEN = written()


def test_every_figure_is_written_down():
    assert list(WRITTEN) == list(all_figures()), CURE


@pytest.mark.parametrize("name", WRITTEN)
def test_a_figure_is_what_it_was(name):
    assert drawn(all_figures()[name]()) == WRITTEN[name], CURE


def test_figures_differ():
    assert len(set(WRITTEN.values())) == len(WRITTEN)


def test_the_place_of_a_position_is_where_it_is_drawn():
    """Shares of width and height from the top left: further right with leverage, further up with profit."""
    table = table_of_positions()
    figure, spots = holders.positions(table, 9.0)
    assert ((spots >= 0) & (spots <= 1)).all()
    assert (spots[:, 0].argsort() == table["leverage"].clip(0.1, 200.0).to_numpy().argsort()).all()
    assert (spots[:, 1].argsort() == (-table["profit"]).to_numpy().argsort()).all()
    axes = figure.axes[0]
    left, top = axes.transAxes.transform((0, 1)) / figure.bbox.size
    assert spots[:, 0].min() >= left
    assert spots[:, 1].min() >= 1 - top


def test_bars_of_both_sides_reach_what_is_held():
    axes, table = Figure().subplots(), table_of_sides(1e5)
    holders.sides(axes, table)
    reach = [max(bar.get_x() + bar.get_width() for bar in axes.patches if round(bar.get_y() + 0.25) == row) for row in (0, 1)]
    assert reach == pytest.approx(table.sum(axis=1).tolist())
