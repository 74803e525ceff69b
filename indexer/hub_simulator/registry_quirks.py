"""How a simulated registry may differ from the specification, as registries in production do.

Each is somebody's production: docs/registries.md names it. All are off by default.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class RegistryQuirks:
    """The quirks of a registry.

    Attributes:
        pages: it cuts lists at `n`; Docker's registry answers `tags/list` whole.
        page_size: the most names in a page, whatever is asked for.
        refuses_size: a greater `n` is refused with this status.
        link: the address of the next page, of `{base}`, `{path}` and `{query}`; None: no `Link`.
        knows_last: it goes on after `last`; otherwise each page is the first.
        forgets_last: a `last` that is not in the list any more is 400 (Harbor).
        opaque: the next page is named by `next_page`, and not by a name (Quay).
        head: what `HEAD` of a manifest answers: 404, 405, or 200 as `application/octet-stream`
            without a digest (Artifactory).
        dangling: tags, as `team/app:1`, that are listed and whose manifests are gone.
        catalog: who may read the catalog: nobody, everybody who may read anything, or whoever
            sends a password (Harbor).
    """

    pages: bool = False
    page_size: int | None = None
    refuses_size: Literal[400, 405] | None = None
    link: str | None = "{path}?{query}"
    knows_last: bool = True
    forgets_last: bool = False
    opaque: bool = False
    head: Literal["404", "405", "octet-stream"] | None = None
    dangling: frozenset[str] = frozenset()
    catalog: Literal["token", "basic"] | None = None
