"""What is inside images: in SQL, found by label, and found out of what was kept earlier."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from alembic import command

from indexer.catalog.answers import RepositoryScope
from indexer.core.model import Repository, Tag
from indexer.manifests.image_contents import LabelFilter
from indexer.store import open_store
from indexer.store.maintenance.prune import prune
from indexer.store.sql_reports.reports import Reports
from tests.sources.oci.in_process import Here
from tests.store.schemas import alembic_of_the_checkout
from tests.store.scribe import START, Scribe, tag
from tests.support.image_contents import Built, digest_of
from tests.web.serving import StillClock, running

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from indexer.store import Store

SOURCE = ("org.opencontainers.image.source", "https://example.com/?a=b")
VIEWS = ("report_images", "report_layers", "report_labels")


def fill(store: Store) -> tuple[Built, str]:
    """Keep an index of two images below a public and a private repository."""
    built = Built()
    config = {
        "Entrypoint": ["/run", "\u00fc"], "User": "7", "ExposedPorts": {"80/tcp": {}},
        "Labels": {SOURCE[0]: SOURCE[1], "long": "x" * 3_000, "half": "\ud800\0"},
    }  # fmt: skip
    amd = built.image(config, ["base", "own"], created="2026-03-01T10:00:00.123456789+01:00")
    arm = built.image({}, ["base"], place="linux/arm64", annotations={"note": "arm"})
    index = built.index({"linux/amd64": amd, "linux/arm64": arm}, {"note": "index"})
    scribe = Scribe(store.archive, identity="me")
    scribe.repositories["library/secret"] = Repository("library/secret", START, private=True)
    held = {name: [tag("1", digest=index)] for name in ("nginx", "secret")}
    scribe.crawl({**held, "redis": [tag("1", "redis")]})
    store.manifests.keep(built.parts, Tag("", None, index), scribe.now, whole=True)
    return built, amd


def rows(url: str) -> dict[str, list[Any]]:
    """All rows of the views."""
    with closing(Reports(url)) as reports:
        return {view: sorted(reports.rows(view), key=repr) for view in VIEWS}


def test_settings_layers_and_labels_are_in_views(database_url: str) -> None:
    with closing(open_store(database_url, create=True)) as store:
        _, amd = fill(store)
    found = rows(database_url)
    (image,) = (row[2:] for row in found["report_images"] if row[0] == amd)
    assert image[0] == "linux/amd64"
    assert str(image[1]).startswith("2026-03-01 09:00:00.123456")
    assert image[2:] == ["/run", None] or list(image[2:]) == [
        json.dumps(["/run", "\u00fc"], ensure_ascii=False), None, "7", None, '["80/tcp"]', None,
    ]  # fmt: skip
    layers = [list(row[1:]) for row in found["report_layers"] if row[0] == amd]
    assert layers == [[1, digest_of(b"base"), 4], [2, digest_of(b"own"), 3]]
    labels = [(row[1], len(row[2])) for row in found["report_labels"]]
    assert sorted(labels) == [
        ("half", 2), ("long", 2_000), ("note", 3), ("note", 5), (SOURCE[0], len(SOURCE[1])),
    ]  # fmt: skip


def test_a_migration_finds_it_out_of_what_is_kept(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INDEXER_DATABASE_URL", database_url)
    with closing(open_store(database_url, create=True)) as store:
        fill(store)
    before = rows(database_url)
    command.downgrade(alembic_of_the_checkout(), "0027")
    open_store(database_url, create=False).close()
    assert rows(database_url) == before


def test_repositories_are_found_by_a_label_or_annotation_of_what_tags_point_to(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INDEXER_DATABASE_URL", database_url)
    here = Here(tmp_path)
    with closing(open_store(database_url, create=True)) as store:
        fill(store)
        globs = (
            f"{SOURCE[0]}={SOURCE[1][:-1]}?",
            f"{SOURCE[0]}=*{SOURCE[1][-3:]}",
            SOURCE[0],
            "note",
        )
        for label in ("=".join(SOURCE), "note=arm", "note=index", *globs):
            done = here.run("repos", "--label", label, "--format", "json")
            found = [each["repository"] for each in json.loads(done.out)]
            assert found == ["library/nginx", "library/secret"], label
        with running(store, clock=StillClock(START + timedelta(hours=1))) as site:
            query = {"label": "=".join(SOURCE)}
            answer = site.json("/api/v1/repositories", params=query)
            assert [each["repository"] for each in answer["repositories"]] == ["library/nginx"]
            assert answer == site.json("/api/v1/repositories", params={"label": SOURCE[0]})
            assert site.get("/api/v1/repositories", params={"label": "=x"}).status_code == 400
        done = here.run("repos", "--label", "note=other")
        assert (done.code, done.out) == (0, "")
        assert "among the manifests that were fetched" in done.err
        for label in ("not", "note=?", f"{SOURCE[0]}=[!h]*", "note=*z"):
            assert here.run("repos", "--label", label).out == "", label
        assert here.run("repos", "--label", "=note").code == 2
        Scribe(store.archive, now=START + timedelta(days=1)).crawl(
            {"nginx": [tag("1", "new")], "redis": [tag("1", "redis")]}
        )
        scope = RepositoryScope()
        wanted = LabelFilter(*SOURCE)
        assert store.browser(private=True).repositories(scope, None, 9, wanted) == []


def test_prune_deletes_it_with_its_content(database_url: str) -> None:
    with closing(open_store(database_url, create=True)) as store:
        fill(store)
        scribe = Scribe(store.archive, identity="me", now=START + timedelta(days=1))
        scribe.crawl({"nginx": [], "secret": [], "redis": [tag("1", "redis")]})
        scribe.now = START + timedelta(days=900)
        scribe.crawl({"nginx": [], "secret": [], "redis": [tag("1", "redis")]})
    before, now = START + timedelta(days=700), datetime(2029, 1, 1, tzinfo=UTC)
    prune(database_url, before, really=True, now=now)
    assert rows(database_url) == {view: [] for view in VIEWS}
