"""Whatever a file holds, each kind ends with images, with what is wrong, or with a refusal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.core.errors import UsageError
from indexer.pins import file_kinds
from tests.support.selection import examples

FEW = settings(max_examples=examples(5, at_night=500))

_KEYS = """
additional_contexts apiVersion args build config container containers containerStatuses default
dockerfile_inline env extends features file from helm image imageID images include items jobs kind
kustomize matrix metadata model models name newName newTag on parameters patches path pre_start
reference registry repoURL repository resource RepoDigests RepoTags script service services source
spec stages status steps strategy tag target type uses value values variable variables volumes <<
x-a
"""
_TEXTS = f"""
nginx:1 nginx@sha256:{"a" * 64} sha256:{"b" * 64} $A ${{A:-x}} {{{{.x}}}} v1 Pod Kustomization a=b
kustomize.config.k8s.io/v1beta1
"""

KEYS = st.sampled_from(_KEYS.split())
TEXTS = st.sampled_from([*_TEXTS.split(), "FROM base", "", "\n- x: {"])

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | TEXTS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=4),
    max_leaves=15,
)


def read(text: str, name: str, kind: str | None) -> None:
    try:
        for pin in file_kinds.images(text.encode(), name, {}, kind):
            assert bool(pin.reference) != bool(pin.problem), "an image, or what is wrong with it"
            assert pin.file == name
    except UsageError:
        return


@pytest.mark.parametrize("kind", [each.name for each in file_kinds.KINDS])
@FEW
@given(value=VALUES)
def test_any_yaml_is_read_or_refused(kind: str, value: object) -> None:
    read(json.dumps(value), "x.yaml", kind)


@pytest.mark.parametrize("kind", [each.name for each in file_kinds.KINDS])
@FEW
@given(text=st.text(max_size=60) | st.lists(TEXTS | KEYS, max_size=9).map("\n".join))
def test_any_text_is_read_or_refused(kind: str, text: str) -> None:
    read(text, "x", kind)


@FEW
@given(value=VALUES)
def test_any_kind_is_detected_or_refused(value: object) -> None:
    for name in ("-", "x.yaml", "compose.yaml", "kustomization.yaml", "values.yaml", "action.yml"):
        read(json.dumps(value), name, None)
