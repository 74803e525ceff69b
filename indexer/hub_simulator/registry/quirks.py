"""How a simulated registry may differ from the specification, as registries in production do.

Each is somebody's production: docs/registries.md names it. All are off by default.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


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
            without a digest (Artifactory), or with one that is of another body.
        dangling: tags, as `team/app:1`, that are listed but have no manifest.
        catalog: who may read the catalog: nobody, everybody who may read anything, or whoever
            sends a password (Harbor); `empty`: everybody, and it is empty (Artifact Registry).
        asks_for: how an account is proven: by a token service, or by the password (ECR).
        is_public: what is public is shown without a password, where it asks for one.
        scope: of every challenge, and of the token for everything (`aws`, `*`).
        list_action: what a token for a list of tags is for (ACR: `metadata_read`).
        offers_both: a challenge offers a token and a password, in one header (Gitea).
        token_fields: what the token service answers.
        ended_token: what an ended token is answered with (ECR Public: 400, without a challenge).
        identity_tokens: the account whose secret `POST /oauth2/token` exchanges (ACR).
        extra: further fields of a list of tags (Artifact Registry).
        leads_to: every list and manifest is redirected to the repositories below this address, of
            `{base}` (registry.k8s.io).
        lacks_referrers: it has no referrers API, as many do not: what refers to an image is listed
            under the tag `sha256-<digits>`. Docker Hub's registry has it.
    """

    pages: bool = False
    page_size: int | None = None
    refuses_size: Literal[400, 405] | None = None
    link: str | None = "{path}?{query}"
    knows_last: bool = True
    forgets_last: bool = False
    opaque: bool = False
    head: Literal["404", "405", "octet-stream", "octet-stream with digest"] | None = None
    dangling: frozenset[str] = frozenset()
    catalog: Literal["token", "basic", "empty"] | None = None
    asks_for: Literal["token", "basic"] = "token"
    is_public: bool = False
    scope: str | None = None
    list_action: str = "pull"
    offers_both: bool = False
    token_fields: tuple[str, ...] = ("token", "access_token", "expires_in", "issued_at")
    ended_token: Literal[400, 401] = 401
    identity_tokens: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)
    leads_to: str | None = None
    lacks_referrers: bool = False
