"""What a request costs `indexer serve`, beside Debian's docker-registry with the same images.

Both run as they are installed: docker-registry writes a log of its requests, `indexer serve` none.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.measure import ROOT, Verdict, scaled
from benchmarks.served import COMMAND, TIMES, Connection, Served, cost, served
from tests.sources.oci.images import Recipe
from tests.sources.oci.real_registry import RealRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORIES, TAGS = 50, 100
TURNS = 6

MOST = 1.5
"""How many times its goal a ratio may be: on a busy machine both sides vary by a third."""

ACCEPT = "application/vnd.oci.image.manifest.v1+json"
LARGE = "team/app0"

_CONFIGURATION = """\
[[registry]]
name = "{name}"
type = "oci"
insecure = true
manifests = "all"
"""


class Endpoint(NamedTuple):
    """An endpoint that both have; `{}` in its path is the beginning of the repository's name."""

    what: str
    method: str
    path: str
    goal: float
    before: str


def _endpoints(digest: str, config: str) -> tuple[Endpoint, ...]:
    here = f"/v2/{{}}{LARGE}"
    return (
        Endpoint("/v2/", "GET", "/v2/", 0.4, "0.4"),
        Endpoint("_catalog, 50 names", "GET", "/v2/_catalog?n=50", 0.4, "0.4"),
        Endpoint("tags/list, 100 tags", "GET", f"{here}/tags/list", 1, "1.56"),
        Endpoint("a manifest by tag", "GET", f"{here}/manifests/1", 1, "2.37"),
        Endpoint("a manifest by digest", "GET", f"{here}/manifests/{digest}", 1, "2.13"),
        Endpoint("HEAD of a manifest", "HEAD", f"{here}/manifests/1", 1, "2.17"),
        Endpoint("a configuration", "GET", f"{here}/blobs/{config}", 1, "0.82"),
    )


def verdicts(scale: float) -> Iterator[Verdict]:
    """The ratio of both for each endpoint, by the lowest of some measurements in turn."""
    if shutil.which("docker-registry") is None:
        yield Verdict("serve to docker-registry: not measured", 0, 1, "it is not installed here")
        return
    times = scaled(TIMES, scale, least=20)
    with TemporaryDirectory() as scratch:
        home, folder = Path(scratch) / "registry", Path(scratch) / "index"
        home.mkdir()
        folder.mkdir()
        with RealRegistry(home) as registry:
            digest = _push(registry, scaled(REPOSITORIES, scale, least=2))
            with Connection(registry.port) as connection:
                body = connection.ask("GET", f"/v2/{LARGE}/manifests/1", ACCEPT)
            config = json.loads(body)["config"]["digest"]
            environment = _crawled(registry, folder)
            with served(folder, environment) as ours:
                with Connection(ours.port) as connection:
                    names = json.loads(connection.ask("GET", "/v2/_catalog"))["repositories"]
                prefix = names[0].partition("team/")[0]
                theirs = Served(registry.pid, registry.port)
                for each in _endpoints(digest, config):
                    yield _compared(each, (ours, prefix), theirs, times)


def _compared(each: Endpoint, ours: tuple[Served, str], theirs: Served, times: int) -> Verdict:
    server, prefix = ours
    found = [
        (
            cost(server, each.method, each.path.format(prefix), accept=ACCEPT, times=times),
            cost(theirs, each.method, each.path.format(""), accept=ACCEPT, times=times),
        )
        for _ in range(TURNS)
    ]
    mine, other = (min(costs) for costs in zip(*found, strict=True))
    return Verdict(
        f"CPU of serve to docker-registry: {each.what}",
        mine / max(other, 1e-6),
        each.goal,
        f"{mine:.2f} ms to {other:.2f} ms a request",
        each.before,
        each.goal * MOST,
        "other programs ran on the same cores: repeat it on a quiet machine",
    )


def _push(registry: RealRegistry, repositories: int) -> str:
    """Fill the registry; the digest of its one image."""
    made = Recipe().made()
    for number in range(repositories):
        registry.push(made, f"team/app{number}", "1")
    registry.push(made, LARGE, *(f"1.{number}" for number in range(TAGS)))
    return made.digest


def _crawled(registry: RealRegistry, folder: Path) -> dict[str, str]:
    """Crawl it into an index in a folder; the environment of who serves that."""
    text = _CONFIGURATION.format(name=registry.name)
    (folder / "indexer.toml").write_text(text, encoding="utf-8")
    environment = {"INDEXER_CONFIG": "indexer.toml"}
    subprocess.run(
        [*COMMAND, "crawl", "-q"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **environment},
        check=True,
    )
    return environment
