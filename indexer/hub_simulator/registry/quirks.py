"""How a simulated registry may differ from the specification, as registries in production do.

Each was seen in production: docs/registries.md says where. All are off by default.
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
        pages: lists have pages of `n`; Docker's registry sends all of `tags/list` at once.
        page_size: the most names in a page, whatever `n` is.
        refuses_size: the status with which a greater `n` is refused.
        link: the address of the next page, of `{base}`, `{path}` and `{query}`; None: no `Link`.
        knows_last: pages start after `last`; otherwise each page is the first.
        forgets_last: a `last` that is no longer in the list is answered with 400 (Harbor).
        opaque: links have an opaque `next_page` instead of a name (Quay).
        head: what `HEAD` of a manifest answers: 404, 405, or 200 as `application/octet-stream`
            without a digest (Artifactory), or with a wrong digest.
        dangling: tags, as `team/app:1`, that are listed but have no manifest.
        catalog: who may read the catalog. None: nobody; `token`: every account with a token;
            `basic`: an account that sends a password (Harbor); `empty`: everybody, but it is
            empty (Artifact Registry).
        asks_for: how an account authenticates: with a token, or with its password (ECR).
        is_public: public repositories need no password, if `asks_for` is `basic`.
        scope: one scope for all challenges and tokens (`aws`, `*`).
        list_action: the action that a token for lists of tags needs (ACR: `metadata_read`).
        offers_both: a challenge offers a token and a password, in one header (Gitea).
        token_fields: the fields in an answer of the token service.
        ended_token: the status for an expired token (ECR Public: 400, without a challenge).
        identity_tokens: the account whose secret `POST /oauth2/token` accepts as an identity token
            (ACR).
        extra: further fields of a list of tags (Artifact Registry).
        leads_to: every list and manifest is redirected to a path below this address, which may
            contain `{base}` (registry.k8s.io).
        lost: the body with which a proxy before it answers 404 to everything, the registry being
            away.
        lacks_referrers: it has no referrers API, like many: the referrers of an image are listed
            under the tag `sha256-<digits>`. Docker Hub's registry has the API.
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
    lost: bytes | None = None
    lacks_referrers: bool = False
