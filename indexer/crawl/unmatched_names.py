"""What the configuration names and the registry does not have: probably a typing mistake. Pure.

A repository that is named and answers 404 makes the crawl incomplete: it may be private. Not so one
that was known and is recorded as removed, nor a pattern, nor a tag: each crawl says it again.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from indexer.core.model import ANONYMOUS, WHOLE_REGISTRY
from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB
from indexer.crawl.wanted_names import is_glob

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from indexer.crawl.target import Target
    from indexer.crawl.wanted_names import WantedNames


def absent_repository(target: Target, name: str, identity: str) -> str:
    """The sentence about a repository that is named, answers 404 and was never known."""
    is_hub = target.registry == DOCKER_HUB
    remedy = ", or give credentials if it is private" if identity == ANONYMOUS and is_hub else ""
    return (
        f"{target.name}: there is no repository '{shown(name)}' on {target.registry} (404): check "
        f"the spelling{remedy}"
    )


def removed_repository(name: str) -> str:
    """The sentence about a repository that is named and was removed."""
    return f"{shown(name)} was removed (404), and the configuration still names it"


def unmatched(
    wanted: WantedNames,
    namespace: str,
    repositories: Collection[str],
    tags_of: Callable[[str], Collection[str] | None],
) -> Iterator[str]:
    """Yield a sentence for each pattern of `repositories` that matches nothing.

    A repository that is named without wildcards is asked for by its name, and not told here.

    Args:
        wanted: the configuration.
        namespace: what was crawled; patterns of other namespaces are left out.
        repositories: the known repositories that are watched.
        tags_of: the known tags of one; None if they were never read.
    """
    for pattern in wanted.repositories:
        name, colon, tag = pattern.partition(":")
        if not (namespace == WHOLE_REGISTRY or name.startswith(f"{namespace}/")):
            continue
        if is_glob(name):
            if not any(fnmatchcase(each, name) for each in repositories):
                yield f"no repository matches '{shown(name)}' of the configuration"
        elif colon and name in repositories:
            known = tags_of(name)
            if known is not None and not any(fnmatchcase(each, tag) for each in known):
                none = "no tag matches" if is_glob(tag) else "there is no tag"
                yield f"{shown(name)}: {none} '{shown(tag)}' of the configuration"
