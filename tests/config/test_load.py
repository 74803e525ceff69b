"""What a configuration file may say, and how each mistake in it is named."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from indexer.config import (
    DatabaseSettings,
    RegistrySettings,
    Schedule,
    Settings,
    account_of,
    cron,
    keys,
    load,
)
from indexer.core.errors import ConfigError
from tests.config.files import mistakes

if TYPE_CHECKING:
    from tests.config.files import Written

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "config.example.toml"


def test_the_example_holds_the_defaults_of_the_code() -> None:
    assert load(EXAMPLE, {}) == Settings()


def test_the_example_and_the_documentation_name_every_key_and_no_other() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    named: dict[str, set[str]] = {}
    section = ""
    for line in text.splitlines():
        if heading := re.fullmatch(r"(?:# )?\[{1,2}(\w+)\]{1,2}", line):
            section = heading[1]
        elif key := re.fullmatch(r"(?:# )?(\w+) = .+", line):
            named.setdefault(section, set()).add(key[1])
    assert named == {section: set(every) for section, every in keys().items()}
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert [key for every in keys().values() for key in every if f"`{key}`" not in page] == []


def test_without_a_file_docker_hub_is_indexed_into_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load(None, {})
    assert settings.file is None
    assert settings.database.url == "sqlite:///indexer.db"
    assert [registry.name for registry in settings.registries] == ["docker.io"]


def test_the_command_line_goes_before_the_environment_and_that_before_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, tries in (("named.toml", 5), ("variable.toml", 6), ("indexer.toml", 7)):
        (tmp_path / name).write_text(f"[http]\ntries = {tries}\n")
    monkeypatch.chdir(tmp_path)
    environ = {"INDEXER_CONFIG": "variable.toml"}
    assert load(Path("named.toml"), environ).http.tries == 5
    assert load(None, environ).http.tries == 6
    found = load(None, {})
    assert (found.http.tries, found.is_file_found) == (7, True)
    assert load(None, {"INDEXER_CONFIG": ""}) == Settings()


def test_the_environment_names_another_database(written: Written) -> None:
    environ = {"INDEXER_DATABASE_URL": "postgresql://me:hunter2@db/name"}
    settings = load(written('[database]\nurl = "sqlite:///other.db"'), environ)
    assert settings.database == DatabaseSettings("postgresql+psycopg://me:hunter2@db/name")
    assert "hunter2" not in repr(settings)


def test_a_full_file_is_read_as_it_is_meant(written: Written, tmp_path: Path) -> None:
    settings = load(
        written(
            """
            [schedule]
            crawl = "90m"
            full = "0 3 * * sun"
            [http]
            patience = "2h"
            [[registry]]
            name = "docker.io"
            namespaces = ["library", "ansible", "library"]
            username = "me"
            password_file = "secret.txt"
            hub_url = "http://127.0.0.1:8080/"
            [[registry]]
            name = "hub.example.com"
            type = "dockerhub"
            hub_url = "http://hub.example.com"
            insecure = true
            """
        ),
        {},
    )
    first, second = settings.registries
    assert settings.schedule.crawl == Schedule("90m", 5400)
    assert settings.schedule.full == Schedule("0 3 * * sun", None)
    assert settings.http.patience == 7200
    assert first.namespaces == ("library", "ansible")
    assert first.password_file == tmp_path / "secret.txt"
    assert first.hub_url == "http://127.0.0.1:8080"
    assert second.insecure


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '[http]\ntimeout = "soon"',
            "[http] timeout: expected an interval between 1s and 1h, as '30s' (units s, m,",
        ),
        ("[http]\ntimeout = 30", "as '30s' (units s, m, h, d, w), got 30."),
        ("[http]\nconcurrency = 0", "a whole number from 1 to 64, got 0."),
        ("[http]\nconcurrency = true", "a whole number from 1 to 64, got true."),
        ("[http]\nconcurency = 4", "[http] concurency: unknown key; did you mean 'concurrency'?"),
        ("[htpp]\ntries = 4", "[htpp]: unknown section; did you mean 'http'?"),
        (
            "zzz = 4",
            "[zzz]: unknown section; known are database, schedule, daemon, http, registry,",
        ),
        ("http = 4", "[http]: expected a section with keys, got 4."),
        ('[schedule]\ncrawl = "61 * * * *"', "a cron expression of five fields as '0 3 * * *'"),
        ('[schedule]\ncrawl = "0s"', "expected an interval as '90m' or '7d'"),
        ('[schedule]\ntimezone = "Berlin"', "expected the name of a time zone that this machine"),
        ("[[registry]]\nschedule = 1", "[[registry]] schedule: expected a section with keys, got"),
        (
            '[[registry]]\nschedule = { crawl = "1x" }',
            "[[registry]] schedule crawl: expected an interval as",
        ),
        (
            '[[registry]]\nschedules = { ansible = { sweep = "1d" } }',
            "[[registry]] schedules.ansible sweep: unknown key; known are crawl, verify, full,",
        ),
        ('[[registry]]\nschedules = { ansible = "1d" }', "a section for each namespace, as"),
        ("[registry]\nname = 'docker.io'", "expected two brackets, as in [[registry]]"),
        ("[[registry]]\nname = 'docker'", "[[registry]] host: expected the registry that"),
        ("[[registry]]\ntype = 'quay'", "type: expected 'dockerhub' or 'oci', got 'quay'."),
        (
            "[[registry]]\ntype = 'oci'\nurl = 'https://x'",
            "[[registry]] name: expected the host of the registry.",
        ),
        ("[[registry]]\nnamespaces = 'a'", "a list of namespaces, as ['library', 'ansible'], got"),
        ("[[registry]]\nnamespaces = ['a/b']", "(not 'a/b')."),
        ("[[registry]]\ninsecure = 'yes'", "insecure: expected true or false, got 'yes'."),
        ("[[registry]]\nhub_url = 'hub.docker.com'", "hub_url: expected an address as 'https://"),
        ("[[registry]]\nhub_url = 'http://example.com'", "expected https:// (or 'insecure = true'"),
        ("[[registry]]\nhub_url = 'https://h/?a=1'", "without '?' and '#'"),
        ("[[registry]]\n[[registry]]", "[[registry]] no. 2 name: expected each name once"),
        ("[[registry]]\npassword_env = 'P'", "username: expected the account that the password"),
        (
            "[[registry]]\nusername='u'\npassword_env='P'\npassword_file='f'",
            "expected at most one, got password_env as well.",
        ),
        (
            "[[registry]]\nusername='u'\npassword_env='P'\ndocker_config=true",
            "expected either docker's log-in or a password, got both.",
        ),
        ("[serve]\nhost = 'a:80'", "[serve] host: expected a host without a port, as '127.0.0.1'"),
        ("[serve]\nport = 70000", "[serve] port: expected a whole number from 0 to 65535, got"),
        ("[serve]\nhosts = 'a'", "[serve] hosts: expected a list of hosts, as ['catalog.ex"),
        (
            "[serve]\ncors = ['https://a/b']",
            "[serve] cors: expected a list of origins, as ['https:",
        ),
        ("[serve]\ncors = '*'", "[serve] cors: expected a list of origins, as ['https://dash"),
        (
            "[serve]\naccess_log = 'combined'",
            "[serve] access_log: expected 'common' or 'json', got",
        ),
        ("[serve]\nhosts = ['a/b']", "[serve] hosts: expected a host without a port"),
        ("[serve]\nurl = 'ftp://h'", "[serve] url: expected an address as 'https://HOST'"),
        ("[serve]\nregistry_hosts = 'x'", "expected a table of hosts, as { 'hub.example.com'"),
        (
            "[serve]\nregistry_hosts = { 'a.com' = 'docker.io', 'A.com' = 'quay.io' }",
            "registry_hosts: expected each host once, in whatever case it is written",
        ),
        ("[serve]\nregistry_hosts = { a = 'b' }", "registry_hosts: expected the host of a reg"),
        ("[serve]\ntoken = 'x'", "[serve] token: unknown key; did you mean 'token"),
        ("[serve]\ntokens = ['x']", "[serve] tokens: expected for each name of a token a table as"),
        (
            "[serve.tokens]\nci = { }",
            "for the token ci either env, the variable that holds it, or file.",
        ),
        (
            "[serve.tokens]\nci = { env = 'CI' }",
            "for the token ci scopes, a list of 'read' (what is",
        ),
        (
            "[serve.tokens]\nci = { env = 'CI', scopes = ['write'] }",
            (
                "[serve] tokens: expected for the token ci scopes, a list of 'read' (what is "
                "public), "
                "'private' (also what is private) and 'hooks'."
            ),
        ),
        (
            "[serve.tokens]\nci = { secret = 'x' }",
            "expected for the token ci a table as { env = 'CI",
        ),
        ("[serve.tokens]\n'c i' = { env = 'CI' }", "expected names of tokens of letters, digits,"),
        ("[http]\ncontact = 'me (at) home'", "[http] contact: expected a mail or web address, as"),
        ("[http]\ncontact = 'https://example.com/a)b'", "expected a mail or web address, as"),
        ("[http]\ncontact = 'https://me:secret@example.com/'", "expected a mail or web address"),
        ("[database]\nurl = 'mysql://h/n'", "[database] url: expected 'sqlite:///PATH' or"),
        (
            "[http]\ntries = x\n",
            "expected TOML, got a mistake: Invalid value (at line 2, column 9).",
        ),
    ],
)
def test_a_mistake_is_named_with_its_key_and_what_was_expected(
    written: Written, text: str, sentence: str
) -> None:
    (found,) = mistakes(written(text))
    assert sentence in found


def test_every_mistake_is_told_at_once(written: Written) -> None:
    found = mistakes(
        written("[http]\ntries = 0\npasses = 0\n[what]\n[database]\nurl = 1"),
        INDEXER_DATABASE_URL="mysql://",
    )
    assert len(found) == 5


def test_a_namespace_has_its_own_schedule_or_its_registrys_or_that_of_all(
    written: Written,
) -> None:
    settings = load(
        written(
            """
            [schedule]
            full = "30d"
            timezone = "Europe/Berlin"
            [[registry]]
            namespaces = ["library", "ansible"]
            schedule = { crawl = "30m", verify = "never" }
            schedules = { library = { crawl = "5m", full = "0 3 * * sun" } }
            [[registry]]
            name = "hub.example.com"
            type = "dockerhub"
            hub_url = "https://hub.example.com"
            """
        ),
        {},
    )
    own = settings.schedule_of("docker.io", "library")
    shared = settings.schedule_of("docker.io", "ansible")
    other = settings.schedule_of("hub.example.com", "ansible")
    assert (own.crawl.text, own.verify.text, own.full.text) == ("5m", "never", "0 3 * * sun")
    assert (shared.crawl.text, shared.verify.text, shared.full.text) == ("30m", "never", "30d")
    assert (other.crawl.text, other.verify.text, other.full.text) == ("1h", "12h", "30d")
    assert {each.timezone for each in (own, shared, other)} == {"Europe/Berlin"}


@pytest.mark.parametrize(
    "text",
    [
        "[[registry]]\nhub_url = 'https://me:hunter2@example.com'",
        "[[registry]]\nhub_url = 'https://me:hunter2@example.com:port'",
        "[[registry]]\nhub_url = 'me:hunter2@example.com'",
        "[[registry]]\npassword = 'hunter2'",
        "[[registry]]\nusername = 'me'\npassword_env = '!hunter2'",
        "[database]\nurl = 'mysql://me:hunter2@db/n'",
        "[serve]\ntoken_env = '!hunter2'",
        "[serve]\nhook_secret = 'hunter2'",
        "[serve.tokens]\nci = 'hunter2'",
        "[serve.tokens]\nci = { env = '!hunter2', scopes = ['read'] }",
        "[serve.tokens]\nci = { token = 'hunter2', scopes = ['read'] }",
        "[serve]\ntokens = 'hunter2'",
    ],
)
def test_a_mistake_never_shows_what_may_be_a_secret(written: Written, text: str) -> None:
    assert "hunter2" not in "\n".join(mistakes(written(text)))


@pytest.mark.parametrize(
    "value", ["* * * * *", "*/15 0-6 1,15 jan-mar mon-fri", "0 3 * * 7", "5/10 * * * *"]
)
def test_cron_expressions_are_known_by_their_shape(written: Written, value: str) -> None:
    settings = load(written(f'[schedule]\ncrawl = "{value}"'), {})
    assert settings.schedule.crawl == Schedule(value, None)


def test_a_cron_expression_is_read_with_listed_minutes_unless_every_hour_is_due() -> None:
    assert cron.parse("*/20 8-18/5,23 1 jan-mar sun,fri-7") == cron.Cron(
        "0,20,40 8,13,18,23 1 jan-mar sun,fri-7"
    )
    assert cron.parse("5/25 * */16 FEB */7") == cron.Cron("5,30,55 * */16 FEB */7")
    assert cron.parse("*/30 0-23 * * *") == cron.Cron("0,30 * * * *")


@pytest.mark.parametrize(
    "value", ["* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "*/0 * * * *",
              "9-5 * * * *", "* * * foo *", "1,,2 * * * *", "- * * * *", "", "1h30m",
              "0 0 31 2,4 *", "0 0 */30 2 mon#5", "99999 * * * *"]
)  # fmt: skip
def test_what_is_neither_interval_nor_cron_expression_is_refused(
    written: Written, value: str
) -> None:
    assert "cron expression" in mistakes(written(f'[schedule]\ncrawl = "{value}"'))[0]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert mistakes(tmp_path / "none.toml") == [
        "the configuration cannot be read: No such file or directory."
    ]
    assert mistakes(tmp_path) == ["the configuration cannot be read: Is a directory."]
    (tmp_path / "latin.toml").write_bytes(b"# \xff")
    assert mistakes(tmp_path / "latin.toml") == ["expected text in UTF-8, got something else."]
    (tmp_path / "huge.toml").write_bytes(b"#" * 2_000_000)
    assert "at most 1 MiB" in mistakes(tmp_path / "huge.toml")[0]
    (tmp_path / "deep.toml").write_text("a = " + "[" * 100_000)
    assert "deep.toml" in mistakes(tmp_path / "deep.toml")[0] or mistakes(tmp_path / "deep.toml")


def test_a_variable_whose_bytes_are_no_text_is_named() -> None:
    """A password in Latin-1 ended in a UnicodeEncodeError."""
    registry = RegistrySettings(username="me", password_env="HUB_PASSWORD")
    latin = {"HUB_PASSWORD": os.fsdecode("pässword".encode("latin-1"))}
    with pytest.raises(ConfigError) as told:
        account_of(registry, latin)
    assert str(told.value) == (
        "the environment variable HUB_PASSWORD holds bytes that are not text in UTF-8: set it "
        "again."
    )


@pytest.mark.parametrize("contact", ["ops@example.com", "https://example.com/~ops?about=us"])
def test_a_contact_is_a_mail_or_a_web_address(written: Written, contact: str) -> None:
    assert load(written(f'[http]\ncontact = "{contact}"')).http.contact == contact
