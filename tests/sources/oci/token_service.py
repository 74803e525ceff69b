"""A token service as distribution wants one: it signs real tokens, with a key of its own.

See distribution's token specification: `GET realm?service=…&scope=…`, with basic authentication
for who has an account, answers a JSON web token that says what may be done.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.http.fake_server import Reply, Server, ok

if TYPE_CHECKING:
    from typing import Self

    from tests.http.fake_server import Asked

KEYS = Path(__file__).with_name("keys")
CERTIFICATE = KEYS / "token.pem"
ISSUER = "tests"
SERVICE = "registry.test"

_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
"""What stands before a SHA-256 in a signature (RFC 8017, section 9.2)."""


class TokenService:
    """Grants what accounts may do; anonymous people may pull what is `public`.

    Attributes:
        accounts: passwords by name; an account may pull everything, and see the catalog.
        public: repositories that anybody may pull.
        seconds: how long a token is valid.
        most_scopes: of one token; more are refused.
    """

    def __init__(self) -> None:
        self.accounts: dict[str, str] = {}
        self.public: set[str] = set()
        self.seconds = 300
        self.most_scopes = 100
        self._lock = threading.Lock()
        self._server = Server(self._answer)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    @property
    def realm(self) -> str:
        return f"{self._server.url}/token"

    @property
    def asked(self) -> list[Asked]:
        return self._server.asked

    @property
    def scopes(self) -> list[list[str]]:
        """The scopes of each request."""
        return [parse_qs(urlsplit(each.target).query).get("scope", []) for each in self.asked]

    def _answer(self, asked: Asked) -> Reply:
        query = parse_qs(urlsplit(asked.target).query)
        name = self._account(asked)
        if name is None or query.get("service") != [SERVICE]:
            return Reply(401, b'{"details": "incorrect username or password"}')
        scopes = query.get("scope", [])
        if len(scopes) > self.most_scopes:
            return Reply(403, b'{"details": "too much at once"}')
        access = [entry for scope in scopes if (entry := self._grant(scope, name))]
        return ok({"token": self.sign(name, access), "expires_in": self.seconds})

    def _account(self, asked: Asked) -> str | None:
        """Who asks; empty for nobody, None for a wrong password."""
        scheme, _, credentials = asked.headers.get("authorization", "").partition(" ")
        if not scheme:
            return ""
        name, _, password = base64.b64decode(credentials).decode().partition(":")
        known = scheme == "Basic" and self.accounts.get(name) == password
        return name if known else None

    def _grant(self, scope: str, account: str) -> dict[str, Any] | None:
        kind, _, rest = scope.partition(":")
        name, _, actions = rest.rpartition(":")
        if not (account or (kind == "repository" and name in self.public)):
            return None
        return {"type": kind, "name": name, "actions": actions.split(",")}

    def sign(self, account: str, access: list[dict[str, Any]]) -> str:
        """A token, signed with RS256; the certificate in it says by whom."""
        pem = CERTIFICATE.read_text().split("-----")[2]
        now = int(time.time())
        head = {"typ": "JWT", "alg": "RS256", "x5c": ["".join(pem.split())]}
        with self._lock:
            number = len(self.asked)
        claims = {
            "iss": ISSUER,
            "sub": account,
            "aud": SERVICE,
            "exp": now + self.seconds,
            "nbf": now - 10,
            "iat": now,
            "jti": f"{now}-{number}",
            "access": access,
        }
        signed = f"{_part(head)}.{_part(claims)}"
        return f"{signed}.{_unpadded(_signature(signed.encode()))}"


def _part(value: object) -> str:
    return _unpadded(json.dumps(value).encode())


def _unpadded(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def _signature(body: bytes) -> bytes:
    """RSASSA-PKCS1-v1_5 with SHA-256: enough for a test, and no library for it."""
    key = {
        name: int(number, 16)
        for name, number in json.loads((KEYS / "token.json").read_text()).items()
    }
    size = (key["modulus"].bit_length() + 7) // 8
    digest = _SHA256 + hashlib.sha256(body).digest()
    padded = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
    number = pow(int.from_bytes(padded, "big"), key["private"], key["modulus"])
    return number.to_bytes(size, "big")
