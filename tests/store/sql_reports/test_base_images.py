"""What images were built on: kept with their manifests, and found out of those kept earlier."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from alembic import command

from indexer.core.model import Tag
from indexer.manifests.ports import ManifestPart
from indexer.store import open_store
from indexer.store.sql_reports.reports import Reports
from tests.store.schemas import alembic_of_the_checkout
from tests.store.scribe import digest
from tests.store.sql_reports import story

if TYPE_CHECKING:
    import pytest

    from indexer.manifests.ports import ManifestStore

BASE = (digest("alpine"), story.BASE_NAME)
IMAGE = "api 3 amd64"


def bases(url: str) -> dict[str, list[Any]]:
    """All rows, by the image."""
    with closing(Reports(url)) as reports:
        return {str(image): rest for image, *rest in reports.rows("report_bases")}


def keep(manifests: ManifestStore, index: str, annotations: dict[str, str]) -> None:
    """Keep an index of one image, and that image."""
    entry = {**story.descriptor(IMAGE, story.OCI_IMAGE), "annotations": annotations}
    sent = {
        "config": story.descriptor("config", story.OCI_CONFIG),
        "layers": [story.descriptor("lowest", "layer")],
    }
    parts = [ManifestPart(story.content(index, story.OCI_INDEX, {"manifests": [entry]}))]
    parts.append(ManifestPart(story.content(IMAGE, story.OCI_IMAGE, sent), digest(index)))
    manifests.keep(parts, Tag("", None, digest(index)), story.NOW, whole=True)


def test_an_index_that_is_kept_later_completes_what_is_known(database_url: str) -> None:
    with closing(open_store(database_url, create=True)) as store:
        story.tell(store.archive)
        keep(store.manifests, "api 2", {})
        assert bases(database_url) == {digest(IMAGE): [None, None, digest("lowest")]}
        keep(store.manifests, "api 3", story.BASE)
        assert bases(database_url) == {digest(IMAGE): [*BASE, digest("lowest")]}
        other = {name: digest("other") for name in story.BASE}
        keep(store.manifests, "api 4", other)
        assert bases(database_url) == {digest(IMAGE): [*BASE, digest("lowest")]}


def test_a_migration_finds_it_out_of_what_is_kept(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INDEXER_DATABASE_URL", database_url)
    with closing(open_store(database_url, create=True)) as store:
        story.tell(store.archive)
        story.keep(store.manifests)
    before = bases(database_url)
    assert len(before) == 5
    command.downgrade(alembic_of_the_checkout(), "0005")
    open_store(database_url, create=False).close()
    assert bases(database_url) == before
