"""A registry on https that wants to know its clients: authorities and client certificates."""

from __future__ import annotations

import json
import ssl
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import ConfigError
from indexer.http import ClientCertificate, HttpClient
from tests.http.fake_server import FakeClock
from tests.http.test_tls_and_proxies import CA, CERTIFICATES
from tests.sources.oci.images import Recipe
from tests.sources.oci.in_process import Here
from tests.sources.oci.real_registry import RealRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GOOD = CERTIFICATES / "good.pem"


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[RealRegistry]:
    """A docker-registry that speaks to nobody without a certificate of our authority."""
    home = tmp_path / "registry"
    home.mkdir()
    context = ssl.create_default_context(cafile=str(CA))
    context.load_cert_chain(GOOD)
    tls = {"certificate": str(GOOD), "key": str(GOOD), "clientcas": [str(CA)]}
    with RealRegistry(home, tls=tls, context=context) as running:
        running.push(Recipe().made(), "team/app", "1")
        yield running


@pytest.fixture
def here(tmp_path: Path) -> Here:
    folder = tmp_path / "here"
    folder.mkdir()
    return Here(folder)


def configure(here: Here, registry: RealRegistry, *lines: str) -> None:
    head = ["[http]", "tries = 1", "[[registry]]", "type = 'oci'", f"name = '{registry.name}'"]
    head += [f"url = '{registry.url}'"]
    (here.folder / "indexer.toml").write_text("\n".join([*head, *lines]))


def test_a_registry_is_crawled_with_our_certificate_and_its_authority(
    here: Here, registry: RealRegistry
) -> None:
    configure(here, registry, f"ca_file = '{CA}'", f"client_cert = '{GOOD}'")
    done = here.run("-q", "crawl", "--format", "json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["crawls"][0]["tags"] == 1
    shown = here.run("inspect", f"{registry.name}/team/app:1", "--format", "{{.Digest}}")
    assert shown.out == f"{Recipe().made().digest}\n"


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["ca_file = 'CA'"], "gave no usable answer"),
        (["client_cert = 'GOOD'"], "cannot be trusted: its certificate is from an unknown issuer"),
    ],
)
def test_without_one_or_the_other_the_crawl_fails_with_a_sentence(
    here: Here, registry: RealRegistry, lines: list[str], sentence: str
) -> None:
    named = [line.replace("CA", str(CA)).replace("GOOD", str(GOOD)) for line in lines]
    configure(here, registry, *named)
    done = here.run("-q", "crawl")
    assert done.code == 1
    assert sentence in done.out


@pytest.mark.parametrize(
    ("certificate", "sentence"),
    [
        (ClientCertificate(CERTIFICATES / "nowhere.pem"), "No such file or directory"),
        (ClientCertificate(CA), "it does not fit its key"),
        (ClientCertificate(GOOD, CERTIFICATES / "expired.pem"), "it does not fit its key"),
        (ClientCertificate(CERTIFICATES / "make.sh"), "it does not fit its key"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_named(
    certificate: ClientCertificate, sentence: str
) -> None:
    with pytest.raises(ConfigError, match=f"the certificate .* cannot be used: {sentence}"):
        HttpClient("https://registry.test", clock=FakeClock(), certificate=certificate)


@pytest.mark.parametrize("name", ["nowhere.pem", "make.sh"])
def test_an_authority_that_cannot_be_used_is_named(name: str) -> None:
    with pytest.raises(ConfigError, match=r"the certificate .* cannot be used: "):
        HttpClient("https://registry.test", clock=FakeClock(), ca_file=CERTIFICATES / name)


def test_an_encrypted_key_is_refused_without_asking_for_a_password(tmp_path: Path) -> None:
    file = tmp_path / "encrypted.pem"
    file.write_text(ENCRYPTED)
    with pytest.raises(ConfigError, match="cannot be used"):
        HttpClient(
            "https://registry.test",
            clock=FakeClock(),
            certificate=ClientCertificate(GOOD, file),
        )


ENCRYPTED = """\
-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAi6H591JWciTgICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEGu3Et1kCiQ3ftxlWlWy0kIEgZA8
9yzO8M2UDKlwI03oV5b50L7lvQTawNuU5V5QMTXf8FG3Uq4QlAzDufP4Ic13uWSc
Q3yC2KGwDatMsinvIFvHb9CyhUT8vmKrGZNEMUQiVY++HxaM7g2Pdb/sfVNKeeKI
xSAyZF2N9FboGfmFUjGBA0LhdyIe9W3sIkpN4L1foWKZBd/0kxHJqNuloqPphLI=
-----END ENCRYPTED PRIVATE KEY-----
"""
