from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import requests

from indexer.hub_simulator import Hub, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

TAGS = "/v2/namespaces/library/repositories/alpine/tags"
REPOSITORIES = "/v2/namespaces/library/repositories"


@dataclass
class Client:
    """Asks a simulator, over one connection that is kept."""

    simulator: Simulator
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False  # a proxy of the machine has no business on loopback

    def get(self, path: str, **params: str | int) -> requests.Response:
        return self.ask("GET", path, params)

    def ask(
        self,
        method: str,
        path: str,
        params: dict[str, str | int] | None = None,
        *,
        headers: dict[str, str] | None = None,
        json: object = None,
        auth: tuple[str, str] | None = None,
    ) -> requests.Response:
        return self.session.request(
            method,
            self.simulator.url + path,
            params=params,
            headers=headers,
            json=json,
            auth=auth,
            timeout=20,
            allow_redirects=False,
        )

    def names(self, path: str, **params: str | int) -> list[str]:
        return [item["name"] for item in self.get(path, **params).json()["results"]]

    def log_in(self, identifier: str, secret: str) -> requests.Response:
        body = {"identifier": identifier, "secret": secret}
        return self.ask("POST", "/v2/auth/token", json=body)

    def token(self, identifier: str, secret: str) -> dict[str, str]:
        access: Any = self.log_in(identifier, secret).json()["access_token"]
        return {"Authorization": f"Bearer {access}"}


@pytest.fixture
def hub() -> Hub:
    hub = Hub()
    hub.add_repository("library/alpine", description="Small")
    return hub


@pytest.fixture
def simulator(hub: Hub) -> Iterator[Simulator]:
    with Simulator(hub) as simulator:
        yield simulator


@pytest.fixture
def client(simulator: Simulator) -> Iterator[Client]:
    client = Client(simulator)
    with client.session:
        yield client
