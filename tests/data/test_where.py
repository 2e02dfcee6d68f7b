"""Where data files are looked for."""

import pytest

from adlabm.data.where import VARIABLE, locate
from adlabm.errors import BadInput


def test_base_before_working_folder_before_variable(tmp_path, monkeypatch):
    folders = [tmp_path / name for name in ("base", "here", "data")]
    for folder in folders:
        folder.mkdir()
        (folder / "k.csv").touch()
    monkeypatch.chdir(folders[1])
    monkeypatch.setenv(VARIABLE, str(folders[2]))
    for folder in folders:
        assert locate("k.csv", folders[0]).resolve() == folder / "k.csv"
        (folder / "k.csv").unlink()
    with pytest.raises(BadInput, match=r"'k\.csv' is not in .*base.*here.*data; name its folder with --data or .*data\.binance\.vision"):
        locate("k.csv", folders[0])
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(BadInput):
        locate("sub/k.csv")


def test_absolute_names_stand(tmp_path, monkeypatch):
    (tmp_path / "k.csv").touch()
    assert locate(tmp_path / "k.csv", tmp_path / "elsewhere") == tmp_path / "k.csv"
