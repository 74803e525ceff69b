"""The tables that the program may read from end to end, and why: `tests.support.query_plans`."""

from __future__ import annotations

SMALL = frozenset(
    {
        *("registry", "namespace", "namespace_count", "change_counter", "platform", "media_type"),
        *("sink", "policy", "budget", "permit", "push_hint", "shard_result"),
    }
)
"""Tables that do not grow with repositories, tags or changes."""

FEW = frozenset(
    {"ix_repository_unseen", "ix_repository_hidden", "ix_crawl_unfinished", "ix_violation_open"}
)
"""Indexes of the few rows that are asked for: who reads one of these reads what is shown."""

EVERYTHING = "*"
"""Any table."""

_SHOWS_ALL = "it shows all repositories, or counts them all"
_NAMES = "names are compared with a glob or a part of a name that has no beginning"
_ELSEWHERE = (
    "PostgreSQL explains it with the numbers of a small index in a large one, where they mean all"
)
_NEWEST = "it is read from its end, up to the limit"

PERMITTED: dict[str, dict[str, str]] = {
    "store/catalog/browser.py": {
        "change": "the log is read in steps by number; and pages bound the days that they count",
        "crawl": _NEWEST,
        "repository": f"a namespace is sorted by name; search: {_NAMES}",
        "violation": _NEWEST,
    },
    "store/catalog/catalog.py": {
        "change": "without bounds the whole log is shown; else an index leads if that is shorter",
        "repository": _SHOWS_ALL,
    },
    "store/catalog/count_stats.py": {"repository_daily": _SHOWS_ALL},
    "store/catalog/digest_search.py": {
        "manifest": "which index holds a platform's image is told by the indexes themselves"
    },
    "store/catalog/repositories.py": {"repository": f"{_SHOWS_ALL}; each takes a look at its tags"},
    "store/catalog/stats.py": {"repository": _SHOWS_ALL},
    "store/catalog/tag_stats.py": {
        "repository": _SHOWS_ALL,
        "tag": "the statistics of all repositories are of all tags",
    },
    "store/changelog/append.py": {"history": _ELSEWHERE},
    "store/changelog/access_path.py": {"repository": _NAMES, "tag": _NAMES},
    "store/policies/evaluation_store.py": {
        "repository": _ELSEWHERE,
        "violation": "it shows all violations",
    },
    "store/policies/evidence.py": {
        "immutability": "repositories that policies asked the Hub about: all are wanted"
    },
    "store/policies/present.py": {"repository": "a new policy looks at everything once"},
    "store/maintenance/database_copy.py": {EVERYTHING: "it copies everything"},
    "store/maintenance/integrity_check.py": {EVERYTHING: "it checks everything"},
    "store/maintenance/prune.py": {
        EVERYTHING: "what is old is looked for everywhere, in a snapshot and without a lock"
    },
}
"""By the module that executes the statement, and by table: the reason."""
