"""Debian's docker-registry and skopeo: the real thing, on loopback, for the length of a test."""

from __future__ import annotations

import base64
import contextlib
import http.client
import itertools
import json
import re
import shutil
import subprocess
import threading
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from tests.support.databases import missing

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable
    from pathlib import Path
    from typing import Self

    from tests.sources.oci.images import Made

PATIENCE_SECONDS = 30

_LISTENING = re.compile(r"listening on 127\.0\.0\.1:(\d+)")
_ASKED = re.compile(r'"([A-Z]+) (\S+) HTTP/1\.1" (\d{3}) \d+ "[^"]*" "([^"]*)"')


def installed(program: str) -> str:
    """The path of a program of Debian's; without it a test fails in CI and is skipped elsewhere."""
    found = shutil.which(program)
    if found is None:
        missing(f"there is no {program} here: apt-get install {program}")
    return found


class Seen(NamedTuple):
    """A request as the registry logged it."""

    method: str
    target: str
    status: int


class RealRegistry:
    """A docker-registry process, and the plain HTTP that pushes to it.

    Args:
        home: a folder of its own.
        auth: the section `auth` of its configuration.
        schema1: it takes manifests of schema 1.
        credentials: `name:password`, for pushing.
        tls: the section `tls` of its configuration, and `context`: how we speak to it then.
        most: of the names that one page of its catalog may have.
    """

    def __init__(
        self,
        home: Path,
        *,
        auth: dict[str, Any] | None = None,
        schema1: bool = True,
        credentials: str = "",
        most: int = 1_000,
        tls: dict[str, Any] | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._program = installed("docker-registry")
        self._home = home
        self._context = context
        self.credentials = credentials
        self.bearer = ""
        self._markers = itertools.count(1)
        self._lines: list[str] = []
        self._heard = threading.Condition()
        self._process: subprocess.Popen[str] | None = None
        self._config = {
            "version": 0.1,
            "log": {"level": "info", "formatter": "text"},
            "storage": {
                "filesystem": {"rootdirectory": str(home / "data")},
                "delete": {"enabled": True},
            },
            "catalog": {"maxentries": most},
            "http": {"addr": "127.0.0.1:0", "secret": "tests only"} | ({"tls": tls} if tls else {}),
            "compatibility": {"schema1": {"enabled": schema1}},
        } | ({"auth": auth} if auth else {})
        self.port = 0

    @property
    def name(self) -> str:
        """Host and port: what its images are called by."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://{self.name}"

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Self:
        file = self._home / "config.yml"
        file.write_text(json.dumps(self._config))  # JSON is YAML
        self._process = subprocess.Popen(
            [self._program, "serve", str(file)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={"PATH": "/usr/bin:/bin", "OTEL_TRACES_EXPORTER": "none"},
        )
        threading.Thread(target=self._listen, daemon=True).start()
        self.port = int(self._wait_for(_LISTENING)[1])
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(PATIENCE_SECONDS)

    def _listen(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                with self._heard:
                    self._lines.append(line)
                    self._heard.notify_all()

    def _wait_for(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found: list[re.Match[str]] = []

        def is_there() -> bool:
            found.extend(match for line in self._lines if (match := pattern.search(line)))
            return bool(found)

        with self._heard:
            if not self._heard.wait_for(is_there, PATIENCE_SECONDS):
                raise AssertionError("".join(self._lines) or "docker-registry said nothing")
        return found[0]

    def asked(self) -> list[Seen]:
        """The requests of indexer so far, in the order in which the registry answered.

        It writes a request down before it has sent all of the answer; so what was answered before
        our own marker is there when the marker is.
        """
        marker = f"marker-{next(self._markers)}"
        self.call("GET", "/v2/", headers={"User-Agent": marker})
        self._wait_for(re.compile(f'"{marker}"'))
        with self._heard:
            found = [match for line in self._lines if (match := _ASKED.search(line))]
        return [
            Seen(match[1], match[2], int(match[3]))
            for match in found
            if match[4].startswith("indexer/")
        ]

    def forget(self) -> None:
        """Let `asked` begin anew."""
        self.asked()
        with self._heard:
            self._lines.clear()

    def call(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """One request, as who may push."""
        at, context = ("127.0.0.1", self.port), self._context
        connection: http.client.HTTPConnection
        if context is None:
            connection = http.client.HTTPConnection(*at, timeout=PATIENCE_SECONDS)
        else:
            connection = http.client.HTTPSConnection(*at, timeout=PATIENCE_SECONDS, context=context)
        with contextlib.closing(connection):
            connection.request(method, target, body, self._login() | (headers or {}))
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read()

    def _login(self) -> dict[str, str]:
        if self.bearer:
            return {"Authorization": f"Bearer {self.bearer}"}
        if self.credentials:
            login = base64.b64encode(self.credentials.encode()).decode()
            return {"Authorization": f"Basic {login}"}
        return {}

    def push(self, made: Made, repository: str, *tags: str) -> str:
        """Push a manifest with all that belongs to it; without tags it is known by its digest."""
        for child in made.children:
            self.push(child, repository)
        for blob in made.blobs:
            self._push_blob(repository, blob)
        digest = made.digest
        for reference in tags or (digest,):
            status, headers, body = self.call(
                "PUT",
                f"/v2/{repository}/manifests/{reference}",
                made.body,
                {"Content-Type": made.media_type},
            )
            assert status == 201, (status, body)
            digest = headers["Docker-Content-Digest"]
        return digest

    def _push_blob(self, repository: str, blob: bytes) -> None:
        from tests.sources.oci.images import sha256  # noqa: PLC0415 - a circle for the type checker

        status, headers, body = self.call("POST", f"/v2/{repository}/blobs/uploads/")
        assert status == 202, (status, body)
        place = headers["Location"].removeprefix(self.url)
        target = f"{place}&{urlencode({'digest': sha256(blob)})}"
        status, _, body = self.call(
            "PUT", target, blob, {"Content-Type": "application/octet-stream"}
        )
        assert status == 201, (status, body)

    def delete(self, repository: str, digest: str) -> None:
        """Delete a manifest, and with it all tags that point to it."""
        status, _, body = self.call("DELETE", f"/v2/{repository}/manifests/{digest}")
        assert status == 202, (status, body)

    def lose(self, path: str) -> None:
        """Delete a repository, or a part of one, from the registry's disk."""
        root = self._home / "data" / "docker" / "registry" / "v2" / "repositories"
        shutil.rmtree(root / path)

    def spoil(self, digest: str) -> None:
        """Let something on the registry's disk be another thing than its digest says."""
        digits = digest.removeprefix("sha256:")
        blobs = self._home / "data" / "docker" / "registry" / "v2" / "blobs" / "sha256"
        file = blobs / digits[:2] / digits / "data"
        file.write_bytes(file.read_bytes().replace(b'"schemaVersion"', b'"schemaversion"'))


def skopeo(*arguments: str, config: Path | None = None) -> str:
    """What skopeo prints.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    environment = {"PATH": "/usr/bin:/bin", "TZ": "UTC"}
    if config is not None:
        environment["REGISTRY_AUTH_FILE"] = str(config)
    done = subprocess.run(
        [installed("skopeo"), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=environment,
    )
    return done.stdout


def counted(asked: Iterable[Seen]) -> dict[str, int]:
    """Requests by what they are for."""
    kinds = {"/v2/_catalog": "catalog", "/tags/list": "list", "/manifests/": "manifest"}
    counts: dict[str, int] = {}
    for each in asked:
        kind = next((kind for part, kind in kinds.items() if part in each.target), "other")
        key = f"{each.method} {kind}" + (f" {each.status}" if each.status != 200 else "")
        counts[key] = counts.get(key, 0) + 1
    return counts
