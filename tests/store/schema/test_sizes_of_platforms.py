"""Revision 0012: what was kept as the size of a tag of several platforms was that of the first."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import command

from indexer.store import open_store
from tests.store.schemas import alembic_of_the_checkout, connected
from tests.store.scribe import Scribe, image, tag

if TYPE_CHECKING:
    import pytest

ATTESTATION = image("unknown/unknown", "attestation", 9)


def test_known_sizes_are_summed_up_and_others_are_left_alone(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INDEXER_DATABASE_URL", database_url)
    amd64, arm = image("linux/amd64", "a", 30), image("linux/arm/v7", "b", 12)
    unknown = image("linux/s390x", "c", None)
    great = (image("linux/amd64", "d", 2**62), image("linux/arm64", "e", 2**62))
    held = [
        tag("two", "1", platforms=(amd64, arm, ATTESTATION), size=30),
        tag("partly", "2", platforms=(amd64, unknown), size=30),
        tag("one", "3", platforms=(amd64,), size=31),
        tag("none", "4", size=32),
        tag("attested", "5", platforms=(ATTESTATION, ATTESTATION), size=33),
        tag("great", "6", platforms=great, size=34),
    ]
    with closing(open_store(database_url, create=True)) as store:
        Scribe(store.archive).crawl({"nginx": held})
    command.downgrade(alembic_of_the_checkout(), "0011")
    with connected(database_url) as connection:
        assert connection.scalar(sa.text("SELECT max(size) FROM manifest")) == 34

    with closing(open_store(database_url, create=False)) as store:
        sizes = {each.tag: each.size for each in store.catalog.tags("docker.io", "library/nginx")}

    assert sizes == {
        "two": 42,
        "partly": None,
        "one": 31,
        "none": 32,
        "attested": 33,
        "great": 2**63 - 1,
    }
