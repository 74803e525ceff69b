"""Finds who sent a request: by its `Authorization` header, else by its cookie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.web.access import challenges
from indexer.web.access.credentials import ANYBODY, SILENT, cookie_name

if TYPE_CHECKING:
    from starlette.types import Scope

    from indexer.web.access.credentials import Visitor
    from indexer.web.access_rules import AccessRules


def visitor_of(scope: Scope, rules: AccessRules, now: float) -> Visitor | None:
    """Who asks; None: with credentials that are wrong.

    Args:
        scope: of the request.
        rules: of the server; without tokens nobody is asked who they are.
        now: the time, in seconds since 1970.
    """
    if not rules.credentials:
        return ANYBODY
    given = [value for name, value in scope["headers"] if name == b"authorization"]
    if given:
        header = given[0].decode("latin-1") if len(given) == 1 else ""
        return rules.credentials.of_header(header, now)
    return by_cookie(scope, rules, now) or SILENT


def by_cookie(scope: Scope, rules: AccessRules, now: float) -> Visitor | None:
    """Who logged in with a browser; None: nobody, or too long ago."""
    header = challenges.header(scope, b"cookie")
    if not header or not rules.credentials:
        return None
    name = cookie_name(is_https=challenges.is_https(scope, rules))
    return rules.credentials.of_cookies(header, name, now)
