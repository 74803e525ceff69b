from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sources.oci.real_registry import RealRegistry
from tests.sources.oci.token_service import CERTIFICATE, ISSUER, SERVICE, TokenService

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HTPASSWD = "me:$2b$04$Of.b7Qdep3JLTzIx5s9j0ehxAkDvgY7Z.yfhQKtD8F3cTYY33TqmC\n"
"""`me` with the password `secret`, as `htpasswd -B -C 4` writes it: cheap to check."""


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[RealRegistry]:
    """A docker-registry that anybody may use."""
    home = tmp_path / "registry"
    home.mkdir()
    with RealRegistry(home) as running:
        yield running


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[RealRegistry]:
    """A docker-registry with basic authentication, for `me` with the password `secret`."""
    home = tmp_path / "registry"
    home.mkdir()
    (home / "htpasswd").write_text(HTPASSWD)
    auth = {"htpasswd": {"realm": "tests", "path": str(home / "htpasswd")}}
    with RealRegistry(home, auth=auth, credentials="me:secret") as running:
        yield running


@pytest.fixture
def tokens() -> Iterator[TokenService]:
    """A token service, for `me` with the password `secret`."""
    with TokenService() as service:
        service.accounts["me"] = "secret"
        yield service


@pytest.fixture
def guarded(tmp_path: Path, tokens: TokenService) -> Iterator[RealRegistry]:
    """A docker-registry that wants tokens of `tokens`."""
    home = tmp_path / "registry"
    home.mkdir()
    auth = {
        "token": {
            "realm": tokens.realm,
            "service": SERVICE,
            "issuer": ISSUER,
            "rootcertbundle": str(CERTIFICATE),
        }
    }
    with RealRegistry(home, auth=auth) as running:
        yield running
