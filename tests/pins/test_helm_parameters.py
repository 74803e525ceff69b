"""Values that are set one by one."""

from __future__ import annotations

from indexer.pins.helm_parameters import as_values
from indexer.pins.yaml_nodes import Documents, at, items, text_of


def test_names_are_paths_as_helm_takes_them() -> None:
    (root,) = Documents("{a.b: 1, a.c: 2, 'd[0].e': 3, 'f\\.g': 4, '': 5}").roots
    values = as_values(items(root))
    assert [text_of(at(at(values, "a"), key)) for key in "bc"] == ["1", "2"]
    assert text_of(at(at(at(values, "d"), "[0]"), "e")) == "3"
    assert text_of(at(values, "f.g")) == "4"
    assert as_values([]) is None
