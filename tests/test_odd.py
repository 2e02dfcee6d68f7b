"""The ODD description has its seven elements, and its parameter table is that of the code."""

import re
from pathlib import Path

import pytest

from adlabm import odd, registry

PAGE = (Path(__file__).parents[1] / "docs" / "odd.md").read_text(encoding="utf-8")
ELEMENTS = (
    "Purpose and patterns",
    "Entities, state variables and scales",
    "Process overview and scheduling",
    "Design concepts",
    "Initialization",
    "Input data",
    "Submodels",
)
CONCEPTS = (
    *("Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction", "Sensing", "Interaction"),
    *("Stochasticity", "Collectives", "Observation"),
)


def test_the_seven_elements_stand_in_order():
    assert re.findall(r"^## \d\. (.*)$", PAGE, flags=re.M) == list(ELEMENTS)
    assert re.findall(r"^\* \*\*([^*]+)\.\*\*", PAGE, flags=re.M) == list(CONCEPTS)


def test_the_parameter_table_is_that_of_the_code():
    assert odd.PATH.read_text(encoding="utf-8") == odd.text(), "write it anew: python -m adlabm.odd"


def test_every_number_has_a_tag():
    assert {letter for _, _, _, letter, _ in odd.rows()} <= set(odd.TAGS)
    for name, default, _, letter, source in odd.rows():
        number = re.fullmatch(r"-?[\d.]+(e[+-]?\d+)?", default)
        assert letter != "-" or not number, f"{name} has no source"
        assert source or letter in "-D", name


def test_the_page_names_every_index_process_and_paths_that_exist():
    for key in registry.names("index"):
        assert f"`{key}`" in PAGE
    for path in re.findall(r"`((?:tests|experiments|results|docs|adlabm|kernels)/[\w./-]+)`", PAGE):
        assert (odd.PATH.parents[1] / path).exists() or (registry.PACKAGE / path).exists(), path


@pytest.mark.parametrize(
    ("source", "letter"),
    [
        ("D: x", "D"),
        ("D", "D"),
        ("design default: x", "D"),
        ("own choice", "D"),
        ("arXiv 1", "S"),
        ("", "-"),
        ("Diary", "S"),
        ("M: y", "M"),
    ],
)
def test_tags(source, letter):
    assert odd.tag(source) == letter
