"""Tags in the order that their names say."""

from __future__ import annotations

import pytest

from indexer.core.version_order import newest_first


@pytest.mark.parametrize(
    "tags",
    [
        ["latest", "v2.0.0", "1.10.0", "1.9.3", "1.9", "stable", "main"],
        ["2.0.0", "2.0.0-rc.10", "2.0.0-rc.2", "2.0.0-rc", "2.0.0-beta.11", "1.27", "1.27-alpine"],
        ["1.0", "1.0rc2", "1.0rc1", "1.0b1"],
        ["20240302", "20240301", "20231231"],
        ["3", "2.7", "2", "sha-9", "4e83c1a", "123456789abc"],
        ["1.2.3.4", "1.2.3", "1.2"],
        ["alpine-v15", "alpine-v15-rc1", "alpine-v9", "alpine-v9-rc10"],
        ["version-5.11.10", "version-5.11.2", "version-5.9.10-ls12", "version-5.9.10-ls9"],
        ["go1.20", "go1.20rc1", "go1.9"],
        ["build-10234", "build-9876", "b"],
        ["RELEASE.2026-11-02T00-01-02Z", "RELEASE.2026-9-30T00-00-00Z"],
        ["latest", "1.0", "server-b3", "full-b10000", "full-b1234", "bookworm"],
        ["jdk-17.0.10_7", "jdk-17.0.9_9", "jdk-8"],
    ],
)
def test_tags_are_ordered_by_what_their_names_say(tags: list[str]) -> None:
    assert newest_first(reversed(tags)) == tags
    assert newest_first(sorted(tags)) == tags
