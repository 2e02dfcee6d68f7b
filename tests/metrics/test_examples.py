"""Every metric shows its use, and the example is true."""

import doctest
import inspect

import pytest

from adlabm.registry import find, names


@pytest.mark.parametrize("key", names("metrics"))
def test_example(key):
    module = inspect.getmodule(find("metrics", key))
    assert "?" in module.__doc__.partition("\n")[0]
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
