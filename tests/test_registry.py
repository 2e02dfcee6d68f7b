"""Finding rules: by the files of a family, by entry points, with an error that names what is near."""

import hashlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from adlabm import plug_ins, registry
from adlabm.contracts import Param
from adlabm.errors import AdlabmError, UnknownName

RULE = '''
from adlabm.adl.base import Policy
from adlabm.contracts import Param


class {name}(Policy):
    """Takes all from the first."""

    key = "{key}"
    greed = Param(1.0, 0.0, 2.0)

    def split(self, amount, sizes, caps, table, rng):
        return caps * 0
'''


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Installs a package with one outside ADL policy, as pip would."""

    def install(key: str, source: str = RULE, value: str = "outside_rule:Greedy") -> None:
        (tmp_path / "outside_rule.py").write_text(source.format(name="Greedy", key=key), encoding="utf-8")
        info = tmp_path / "outside_rule-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: outside-rule\nVersion: 1.0\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(f"[adlabm.policies]\ngreedy = {value}\n", encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        registry.all_rules.cache_clear()

    yield install
    sys.modules.pop("outside_rule", None)
    registry.all_rules.cache_clear()


def test_an_outside_rule_is_found_listed_and_validated(install):
    from adlabm.catalogue import explained, listed
    from adlabm.venue import Adl

    install("greedy")
    assert "greedy" in [each.key for each in listed("policies")]
    assert explained("greedy").params["greed"]["high"] == 2.0
    assert Adl.model_validate({"policy": "greedy", "price": "mark"}).params == {"greed": 1.0}


def test_an_outside_module_will_do(install):
    install("greedy", value="outside_rule")
    assert registry.find("policies", "greedy").__name__ == "Greedy"


def test_a_duplicate_key_names_both_files(install):
    install("queue")
    with pytest.raises(AdlabmError, match=r"queue\.py and .*outside_rule\.py; rename one"):
        registry.names("policies")


@pytest.mark.parametrize("source", ["raise RuntimeError('no')", "Greedy = 3"])
def test_a_broken_plug_in_is_named(install, source):
    install("greedy", source)
    with pytest.raises(AdlabmError, match="outside_rule:Greedy"):
        registry.names("policies")


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Writes a file of the folder of plug-ins."""
    monkeypatch.setenv(plug_ins.VARIABLE, str(tmp_path))

    def own(path: str, text: str) -> Path:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
        registry.all_rules.cache_clear()
        return tmp_path / path

    yield own
    registry.all_rules.cache_clear()


def test_files_of_the_plug_in_folder_are_found_and_listed(own):
    policy = own("policies/greedy.py", RULE.format(name="Greedy", key="greedy"))
    metric = own("metrics/how_many.py", "def how_many(traders):\n    return {'n': len(traders)}")
    study = own("studies/mine/study.toml", "")
    assert registry.source_file("policies", "greedy") == policy
    assert registry.find("metrics", "how-many")([1, 2]) == {"n": 2}
    assert registry.source_file("metrics", "how-many") == metric
    assert registry.find("studies", "mine") == study
    assert list(registry.outside()) == ["policies/greedy.py", "metrics/how_many.py", "studies/mine/study.toml"]
    assert registry.outside()["policies/greedy.py"] == f"sha256 {hashlib.sha256(policy.read_bytes()).hexdigest()}"


@pytest.mark.parametrize(
    ("path", "text", "problem"),
    [
        ("policies/greedy.py", "raise RuntimeError('no')", r"greedy\.py does not load: no; mend it"),
        ("policies/greedy.py", "x = 3", r"greedy\.py holds no class with a `key`; add it"),
        ("policies/other.py", RULE.format(name="Greedy", key="queue"), r"queue\.py and .*other\.py; rename one"),
        ("metrics/how_many.py", "x = 3", r"how_many\.py holds no function called 'how_many'"),
        ("venues/binance.toml", "", r"venues/binance\.toml and .*binance\.toml; rename one"),
    ],
)
def test_a_broken_file_of_the_plug_in_folder_is_named(own, path, text, problem):
    own(path, text)
    with pytest.raises(AdlabmError, match=problem):
        registry.names(path.partition("/")[0])


def test_the_plug_in_folder_must_exist(monkeypatch):
    registry.all_rules.cache_clear()
    monkeypatch.setenv(plug_ins.VARIABLE, "/no/such/folder")
    with pytest.raises(AdlabmError, match=r"ADLABM_PLUGINS is '/no/such/folder', which is no folder"):
        registry.names("policies")


def test_plug_ins_can_be_left_out(install, monkeypatch):
    install("greedy")
    assert list(registry.outside()) == ["policies/greedy"]
    assert registry.outside()["policies/greedy"] == "outside_rule:Greedy of outside-rule 1.0"
    monkeypatch.setenv(plug_ins.VARIABLE, plug_ins.OFF)
    registry.all_rules.cache_clear()
    assert "greedy" not in registry.names("policies")
    assert not registry.outside()


def test_a_file_holds_one_rule():
    module = ModuleType("two")
    module.__file__ = "two.py"
    for name in ("one", "other"):
        setattr(module, name, type(name, (), {"key": name, "__module__": "two"}))
    with pytest.raises(AdlabmError, match=r"two\.py defines several rules \(one, other\)"):
        registry.rule_in(module)


def test_unknown_names_suggest_the_nearest():
    with pytest.raises(UnknownName, match=r"no ADL policy 'quue' at adl\.policy \(did you mean 'queue'\?\); use one of: .*queue"):
        registry.find("policies", "quue", "adl.policy")
    with pytest.raises(UnknownName, match="did you mean 'policies'"):
        registry.names("policys")


def test_parameters_come_in_the_order_of_definition():
    base = type("Base", (), {"b": Param(1), "x": 3})
    rule = type("Child", (base,), {"c": Param(2), "a": Param(3)})
    assert list(registry.params_of(rule)) == ["b", "c", "a"]


@pytest.mark.parametrize("family", registry.FAMILIES)
def test_every_family_is_sorted_and_has_files(family):
    assert list(registry.names(family)) == sorted(registry.names(family))
    assert all(isinstance(registry.source_file(family, key), Path) for key in registry.names(family))


def test_scanning_a_family_imports_that_family_only():
    code = (
        "import sys; from adlabm import registry; assert 'numba' not in sys.modules; registry.names('stops'); registry.names('venues');"
        "assert not {'numba', 'pandas', 'mesa', 'adlabm.adl.queue', 'adlabm.traders.signals'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
