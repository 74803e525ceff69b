"""`/healthz` and `/readyz`, which anybody may ask."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.web.probes import KEPT_SECONDS
from tests.store.scribe import START, Scribe, tag
from tests.web.serving import StillClock, running

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.store import Store
    from tests.web.serving import Running


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["10.1.2.3:8080", "pod-7.internal", "", "localhost"])
def test_a_probe_needs_no_host_name_and_no_token(
    closed_site: Running, path: str, host: str
) -> None:
    assert closed_site.get(path, headers={"Host": host}).status_code == 200
    assert closed_site.ask("POST", path).status_code == 405


def test_it_is_ready_whatever_its_age_unless_an_age_is_given(empty: Store) -> None:
    clock = StillClock(START + timedelta(hours=2))
    with running(empty, clock=clock) as site:
        never = {"ready": True, "seconds_since_crawl": None, "namespaces_stale": 0}
        assert site.json("/readyz") == never
        assert site.get("/readyz?max_age=1h").status_code == 503
        Scribe(empty.archive, "library").crawl({"nginx": [tag("latest", "1")]})
        assert site.json("/readyz") == never  # asked a moment ago
        clock.seconds += KEPT_SECONDS
        told = site.json("/readyz")
        assert told["seconds_since_crawl"] == 7_200 - 240  # a crawl of the tests takes four minutes
        assert site.get("/readyz?max_age=3h").status_code == 200
        old = site.get("/readyz?max_age=1h")
        assert (old.status_code, old.json()["ready"]) == (503, False)
        assert old.json()["error"].endswith("no complete crawl within max_age.")
        assert "library" not in old.text
        assert site.get("/readyz?max_age=soon").status_code == 400


def test_it_is_not_ready_if_the_index_cannot_be_read(index: Store, tmp_path: Path) -> None:
    with running(index) as site:
        (tmp_path / "index.db").write_bytes(b"no database" * 1_000)
        answer = site.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["error"] == "cannot read the index: see the log of the server."
