"""Each recipe of docs/recipes/registries.md, before a registry that behaves as it says."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import re
import shutil
import ssl
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from indexer.hub_simulator import Hub, Quirks, RegistryQuirks, Simulator
from tests.documents import pages
from tests.http.fake_server import Reply, Server
from tests.http.test_tls_and_proxies import CA, CERTIFICATES, secured
from tests.sources.helpers import installer
from tests.sources.oci.conftest import HTPASSWD
from tests.sources.oci.images import Recipe
from tests.sources.oci.in_process import Here
from tests.sources.oci.real_registry import RealRegistry
from tests.support.databases import sqlite_index

if TYPE_CHECKING:
    from pathlib import Path

    from tests.http.fake_server import Asked

PAGE = pages.ROOT / "docs" / "recipes" / "registries.md"
SECRET = "the-planted-secret"
AZURE = "00000000-0000-0000-0000-000000000000"

REGION = "/v2/k8s-artifacts-prod/images"
"""Where registry.k8s.io leads to, on the host of a region."""

HELPER = f"""
if host == "{{host}}":
    print(json.dumps({{{{"ServerURL": host, "Username": "{{account}}", "Secret": "{SECRET}"}}}}))
else:
    print("credentials not found in native keychain"); sys.exit(1)
"""


class Case(NamedTuple):
    """A registry as it is recorded: docs/hub-facts.md and the sources in the recipe.

    Attributes:
        quirks: of the simulated registry.
        finds: the repositories that the recipe finds.
        hides: others that are there.
        account: the one that the registry knows; empty: anonymous.
        stored: the repositories of the registry that it leads to, if they are named otherwise.
    """

    quirks: RegistryQuirks
    finds: tuple[str, ...]
    hides: tuple[str, ...] = ()
    account: str = ""
    stored: tuple[str, ...] = ()


CASES = {
    "GHCR": Case(RegistryQuirks(pages=True), ("acme/app", "acme/web"), ("acme/hidden",), "octocat"),
    "Quay": Case(
        RegistryQuirks(pages=True, page_size=5, opaque=True, catalog="token"),
        ("acme/app", "acme/web"),
        ("acme/hidden",),
        "acme+indexer",
    ),
    "Harbor": Case(
        RegistryQuirks(pages=True, page_size=5, forgets_last=True, catalog="basic"),
        ("team/app", "team/web"),
        ("other/app",),
        "robot$indexer",
    ),
    "Amazon ECR": Case(
        RegistryQuirks(
            pages=True,
            page_size=5,
            refuses_size=405,
            link="{base}{path}?{query}",
            asks_for="basic",
            catalog="token",
        ),
        ("team/app", "team/web"),
        (),
        "AWS",
    ),
    "Amazon ECR Public": Case(
        RegistryQuirks(
            pages=True, page_size=5, scope="aws", token_fields=("token",), ended_token=400
        ),
        ("amazonlinux/amazonlinux", "docker/library/alpine"),
        ("docker/library/nginx",),
    ),
    "Google Artifact Registry": Case(
        RegistryQuirks(
            pages=True,
            catalog="empty",
            extra={"manifest": {"sha256:12": {"tag": ["1"]}}, "child": ["more"]},
        ),
        ("acme-prod/images/app", "acme-prod/images/web"),
        ("acme-prod/images/hidden",),
        "_dcgcloud_token",
    ),
    "Azure (ACR)": Case(
        RegistryQuirks(
            pages=True,
            page_size=5,
            catalog="token",
            list_action="metadata_read",
            token_fields=("access_token",),
            identity_tokens=AZURE,
        ),
        ("team/app", "team/web"),
        (),
        AZURE,
    ),
    "GitLab": Case(
        RegistryQuirks(pages=True, page_size=5),
        ("acme/app", "acme/app/worker"),
        ("acme/hidden",),
        "gitlab+deploy-token-1",
    ),
    "Nexus": Case(
        RegistryQuirks(
            pages=True,
            page_size=5,
            link="http://inner:8081/repository/docker{path}?{query}",
            catalog="token",
        ),
        ("team/app", "team/web"),
        (),
        "indexer",
    ),
    "Artifactory": Case(
        RegistryQuirks(
            pages=True, page_size=5, link="/v2/team/app/tags/list?{query}", head="octet-stream"
        ),
        ("docker/team/app", "docker/team/web"),
        ("docker/team/hidden",),
        "indexer",
    ),
    "Gitea, Forgejo": Case(
        RegistryQuirks(pages=True, page_size=5, scope="*", offers_both=True, catalog="token"),
        ("acme/app",),
        ("acme/hidden",),
        "acme",
    ),
    "registry.k8s.io": Case(
        RegistryQuirks(
            pages=True, page_size=5, asks_for="basic", is_public=True, leads_to=f"{{base}}{REGION}"
        ),
        ("kube-apiserver", "pause"),
        (),
        "",
        ("k8s-artifacts-prod/images/kube-apiserver", "k8s-artifacts-prod/images/pause"),
    ),
}

TAGS = [f"v{number}" for number in range(1, 8)]


def section(title: str) -> str:
    """What stands below a heading of the page."""
    text = pages.read(PAGE)
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def pointed(title: str, url: str) -> str:
    """The recipe's configuration, as written but for the address."""
    (block,) = pages.fenced(section(title), "toml")
    entry = re.sub(r"^(name = .*)$", rf'\1\nurl = "{url}"', block, flags=re.MULTILINE)
    return f"[http]\ntries = 1\n\n{entry}"


def test_every_recipe_of_the_page_is_tried() -> None:
    titles = re.findall(r"^## (.+)$", pages.read(PAGE), re.MULTILINE)
    assert titles == [*CASES, "registry:2"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    """A folder of its own, without anybody's login."""
    monkeypatch.delenv("REGISTRY_AUTH_FILE", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "docker").mkdir()
    folder = tmp_path / "here"
    folder.mkdir()
    sqlite_index(folder / "indexer.db")
    return Here(folder)


def log_in(title: str, case: Case, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what the recipe says beside its configuration."""
    (entry,) = tomllib.loads(pages.fenced(section(title), "toml")[0])["registry"]
    host, login = entry["name"], here.folder.parent / "docker" / "config.json"
    if "password_env" in entry:
        assert entry["username"] == case.account
        monkeypatch.setenv(entry["password_env"], SECRET)
    for block in pages.fenced(section(title), "json"):
        login.write_text(block, encoding="utf-8")
        (helper,) = json.loads(block)["credHelpers"].values()
        install = installer(here.folder.parent, monkeypatch)
        install(helper, HELPER.format(host=host, account=case.account))
    if case.quirks.identity_tokens:  # as `az acr login` leaves it
        auth = base64.b64encode(f"{AZURE}:".encode()).decode()
        left = {"auths": {host: {"auth": auth, "identitytoken": SECRET}}}
        login.write_text(json.dumps(left), encoding="utf-8")


def filled(case: Case) -> Hub:
    """A hub with the repositories of a case: private ones, where there is an account."""
    hub = Hub()
    names = (*(case.stored or case.finds), *case.hides)
    if case.account:
        spaces = {name.partition("/")[0] for name in names}
        hub.accounts.add_user(case.account, SECRET, organisations=spaces)
    for name in names:
        hub.add_repository(name, private=bool(case.account))
        hub.push(name, TAGS[0], platforms=1)
        for tag in TAGS[1:]:
            hub.copy_tag(name, TAGS[0], tag)
    return hub


def https_before(simulator: Simulator) -> Server:
    """The same registry by another origin, on https: the host of a region."""

    def answer(asked: Asked) -> Reply:
        headers = {name: text for name, text in asked.headers.items() if name != "host"}
        with contextlib.closing(http.client.HTTPConnection(*simulator.address)) as connection:
            connection.request(asked.method, asked.target, headers=headers)
            found = connection.getresponse()
            kept = ("Content-Type", "Docker-Content-Digest", "Link", "Content-Encoding")
            sent = {name: found.headers[name] for name in kept if name in found.headers}
            return Reply(found.status, found.read(), sent)

    return Server(answer, context=secured("good"))


def crawled(here: Here) -> dict[str, Any]:
    done = here.run("-v", "crawl", "--format", "json")
    assert done.code == 0, done.out + done.err
    assert SECRET not in done.out + done.err
    (crawl,) = json.loads(done.out)["crawls"]
    assert crawl["status"] == "complete"
    return dict(crawl)


@pytest.mark.parametrize("title", CASES)
def test_a_recipe_is_crawled_whole_and_tells_nothing_false(
    title: str, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[title]
    log_in(title, case, here, monkeypatch)
    hub = filled(case)
    monkeypatch.setenv("SSL_CERT_FILE", str(CA))
    with (
        Simulator(hub, quirks=Quirks(registry=case.quirks), pull_limit=None) as simulator,
        https_before(simulator) as region,
    ):
        if case.quirks.leads_to:
            led = replace(case.quirks, leads_to=f"{region.url}{REGION}")
            simulator.quirks = Quirks(registry=led)
        (here.folder / "indexer.toml").write_text(pointed(title, simulator.url), encoding="utf-8")
        assert crawled(here)["tags"] == len(TAGS) * len(case.finds)
        listed = json.loads(here.run("repos", "--format", "json").out)
        assert sorted(each["repository"] for each in listed) == list(case.finds)
        gone = (case.stored or case.finds)[0]
        hub.delete_tag(gone, "v3")
        crawled(here)
    changes = here.run("query", "--changed-since", "1h", "--format", "json")
    assert bool(region.asked) is (case.quirks.leads_to is not None)
    assert not any("authorization" in each.headers for each in region.asked)
    told = [(each["kind"], each["repository"], each["tag"]) for each in json.loads(changes.out)]
    assert told == [("tag_removed", case.finds[0], "v3")]


def test_an_empty_catalog_is_told(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """Google's is empty: without `repositories` a crawl found nothing, in silence."""
    title = "Google Artifact Registry"
    log_in(title, CASES[title], here, monkeypatch)
    quirks = Quirks(registry=CASES[title].quirks)
    with Simulator(filled(CASES[title]), quirks=quirks) as simulator:
        text = re.sub("^repositories = .*\n", "", pointed(title, simulator.url), flags=re.MULTILINE)
        (here.folder / "indexer.toml").write_text(text, encoding="utf-8")
        done = here.run("crawl")
    assert done.code == 0
    assert "the catalog of europe-docker.pkg.dev is empty: if it has repositories" in done.err


def test_a_plain_registry_is_crawled_with_the_authority_and_the_account(
    here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real one, of Debian, for the last recipe."""
    home, good = tmp_path / "registry", CERTIFICATES / "good.pem"
    home.mkdir()
    (home / "htpasswd").write_text(HTPASSWD.replace("me:", "indexer:"), encoding="utf-8")
    auth = {"htpasswd": {"realm": "tests", "path": str(home / "htpasswd")}}
    tls = {"certificate": str(good), "key": str(good)}
    context = ssl.create_default_context(cafile=str(CA))
    shutil.copy(CA, here.folder / "ca.pem")
    monkeypatch.setenv("REGISTRY_PASSWORD", "secret")
    with RealRegistry(
        home, auth=auth, tls=tls, context=context, credentials="indexer:secret"
    ) as registry:
        registry.push(Recipe().made(), "team/app", "1")
        text = pointed("registry:2", registry.url)
        (here.folder / "indexer.toml").write_text(text, encoding="utf-8")
        assert crawled(here)["tags"] == 1
