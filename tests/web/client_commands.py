"""Commands of other clients, and what they must do: the table of docs/serve.md."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.store import open_store
from tests.sources.oci.images import Recipe
from tests.store.scribe import Scribe, tag
from tests.support.databases import sqlite_index
from tests.web.kept_images import IMAGES, kept
from tests.web.serving import TOKEN, running

if TYPE_CHECKING:
    from collections.abc import Iterator

WRONG = "a-token-that-is-wrong"

PORT = "registry.example.com:5000"


@dataclass(frozen=True)
class Command:
    """A command and what it must do.

    Attributes:
        client: the program.
        arguments: as people type them; HOST, TOKEN and WRONG stand for the test's own.
        result: in words.
        shows: what it must print.
        fails: whether its exit code must not be 0.
    """

    client: str
    arguments: str
    result: str
    shows: str
    fails: bool = False


_REFUSED = "invalid username/password"

COMMANDS = (
    Command("skopeo", "list-tags --tls-verify=false docker://HOST/docker.io/team/app",
            "lists the tags", '"image"'),
    Command("skopeo", "list-tags --tls-verify=false docker://HOST/registry.example.com--5000/team/app",
            "lists the tags, of a registry with a port", '"v1"'),
    Command("skopeo", "inspect --raw --tls-verify=false docker://HOST/docker.io/team/app:index",
            "prints the manifest", "manifests"),
    Command("skopeo", "inspect --config --tls-verify=false docker://HOST/docker.io/team/app:image",
            "prints the configuration", "architecture"),
    Command("skopeo",
            "list-tags --tls-verify=false --creds any:TOKEN docker://HOST/docker.io/closed/app",
            "lists the tags, of a private repository", '"v1"'),
    Command("skopeo",
            "list-tags --tls-verify=false --creds any:WRONG docker://HOST/docker.io/team/app",
            "is refused", _REFUSED, fails=True),
    Command("skopeo", "list-tags --tls-verify=false docker://HOST/docker.io/closed/app",
            "does not find what is private", "404", fails=True),
    Command("podman", "login --tls-verify=false -u any -p TOKEN HOST", "logs in", "Succeeded"),
    Command("podman", "login --tls-verify=false -u any -p WRONG HOST", "is refused",
            _REFUSED, fails=True),
    Command("podman", "search --tls-verify=false --list-tags HOST/docker.io/team/app",
            "lists the tags", "image"),
    Command("buildah", "login --tls-verify=false -u any -p TOKEN HOST", "logs in", "Succeeded"),
    Command("buildah", "login --tls-verify=false -u any -p WRONG HOST", "is refused",
            _REFUSED, fails=True),
    Command("docker", "login -u any -p TOKEN HOST", "logs in", "Login Succeeded"),
    Command("docker", "login -u any -p WRONG HOST", "is refused", "unauthorized", fails=True),
    Command("docker", "manifest inspect --insecure HOST/docker.io/team/app:index",
            "prints the manifest", "manifests"),
    Command("docker", "manifest inspect --insecure HOST/docker.io/closed/app:v1",
            "does not find what is private", "no such manifest", fails=True),
    Command("dxf", "list-repos", "lists the repositories", "docker.io/team/app"),
    Command("dxf", "list-aliases docker.io/team/app", "lists the tags", "image"),
    Command("curl", "-sf -u any:TOKEN http://HOST/v2/_catalog", "lists private repositories too",
            "docker.io/closed/app"),
    Command("curl", "-sf -u any:WRONG http://HOST/v2/_catalog", "is refused", "", fails=True),
)  # fmt: skip
"""Each starts without a log-in of another. `docker` needs no daemon for these."""


@contextmanager
def site_for_clients(folder: Path) -> Iterator[str]:
    """A site that shows everybody what is public; its host and port."""
    with closing(open_store(sqlite_index(folder / "index.db"), create=False)) as store:
        kept(store, "team/app", IMAGES)
        kept(store, "closed/app", {"v1": Recipe(text="not for you").made()}, private=True)
        Scribe(store.archive, "team", PORT).crawl({"app": [tag("v1", "x")]})
        with running(store) as site:
            yield site.address.removeprefix("http://")


def program(client: str) -> str | None:
    """Where the program is: beside our own Python, or on the PATH."""
    beside = Path(sys.executable).parent / client
    return str(beside) if beside.exists() else shutil.which(client)


def version(client: str) -> str:
    """The version that a program has; of a Python package that of the package."""
    if client == "dxf":
        from importlib.metadata import version as of_package  # noqa: PLC0415 - only here

        return of_package("python-dxf")
    done = subprocess.run(
        [program(client) or client, "--version"], capture_output=True, text=True, check=True
    )
    found = re.search(r"\d+\.\d+(?:\.\d+)?", done.stdout)
    assert found is not None
    return found[0]


def run(command: Command, host: str, folder: Path) -> tuple[int, str]:
    """The exit code of a command, and what it printed, without any log-in of before.

    Args:
        command: what to run.
        host: of the site.
        folder: an empty one, for what the program keeps.
    """
    (folder / "auth.json").write_text("{}")
    words = {"HOST": host, "TOKEN": TOKEN, "WRONG": WRONG}
    typed = re.sub("HOST|TOKEN|WRONG", lambda found: words[found[0]], command.arguments)
    done = subprocess.run(
        [program(command.client) or command.client, *shlex.split(typed)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "DOCKER_CONFIG": str(folder),
            "REGISTRY_AUTH_FILE": str(folder / "auth.json"),
            "DXF_HOST": host,
            "DXF_INSECURE": "1",
        },
    )
    return done.returncode, done.stdout + done.stderr


def table(versions: dict[str, str]) -> list[str]:
    """The lines of the table in the documentation.

    Args:
        versions: of each client with which its commands were run.
    """
    lines = ["| client | version | command | what it does |", "| --- | --- | --- | --- |"]
    for each in COMMANDS:
        shown = f"`{each.client} {each.arguments}`"
        lines.append(f"| {each.client} | {versions[each.client]} | {shown} | {each.result} |")
    return lines
