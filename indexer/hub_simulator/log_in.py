"""The Hub's two log-in endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from indexer.hub_simulator import hub_json
from indexer.hub_simulator.http import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.hub_simulator.accounts import Accounts
    from indexer.hub_simulator.http import Request

LOG_INS: Mapping[tuple[str, ...], tuple[str, str, str]] = {
    ("v2", "auth", "token"): ("identifier", "secret", "access_token"),
    ("v2", "users", "login"): ("username", "password", "token"),
}
"""The path of each log-in: the fields that are sent, and the field of the answer."""


def is_log_in(request: Request) -> bool:
    """Whether a request exchanges credentials for a token."""
    return request.method == "POST" and request.parts in LOG_INS


def log_in(request: Request, accounts: Accounts) -> Answer:
    """Answer a log-in at either path."""
    fields = LOG_INS[request.parts]
    try:
        sent = msgspec.json.decode(request.body, type=dict[str, str])
        identifier, secret = (sent[field] for field in fields[:2])
    except (msgspec.DecodeError, KeyError):
        message = f"{fields[0]} and {fields[1]} are required"
        return Answer(400, hub_json.encode({"message": message, "errinfo": {}}))
    verdict = accounts.log_in(identifier, secret)
    if verdict.is_locked:
        return Answer(429, hub_json.encode({"detail": "Too many login attempts."}))
    if verdict.token is not None:
        return Answer(200, hub_json.encode({fields[2]: verdict.token}))
    if verdict.needs_second_factor:
        detail = "Require secondary authentication on MFA enabled account"
        return Answer(401, hub_json.encode({"detail": detail, "login_2fa_token": "simulated"}))
    return Answer(401, hub_json.encode({"detail": "Incorrect authentication credentials"}))
