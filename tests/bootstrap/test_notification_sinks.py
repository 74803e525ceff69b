"""What a [[notify]] may say, how each mistake in it is named, and where its secrets come from."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from indexer.bootstrap import notification_sinks
from indexer.config import load
from indexer.config.sink_secrets import apprise_urls, secrets, webhook_url
from indexer.core.errors import ConfigError
from indexer.core.model import ChangeKind
from indexer.notify.quiet_hours import DailyHours
from indexer.notify.sink import Templates
from indexer.policies.violation import Severity

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.config.sinks import SinkSettings

COMMAND = '[[notify]]\nname="a"\ncommand=["x"]\n'
NAMED = '[[notify]]\nname="a"\n'

MISTAKES = [
    (
        f'{COMMAND}webhook="https://h"',
        "[[notify]]: expected exactly one of apprise, webhook, command, got webhook and command.",
    ),
    (NAMED, "got none of them."),
    ('[[notify]]\nwebhook="https://h"', "[[notify]] name: expected a name"),
    (f'{NAMED}webhook="http://example.com/hunter22"', "webhook: expected https:// (or"),
    (f'{NAMED}webhook="https://me:hunter22@h"', "webhook: expected an address as"),
    (f'{NAMED}webhook="https://h/ hunter22"', "webhook: expected an address as"),
    (f"{NAMED}apprise=[]", "apprise: expected an address as Apprise writes it"),
    (f'{NAMED}apprise="x://hunter22"\napprise_env="X"', "expected at most one, got apprise as"),
    (f'{NAMED}command="rm -rf"', "command: expected a list of words: a program and its arguments"),
    (f'{COMMAND}kinds=["what"]', "only repository_added, repository_removed, tag_added,"),
    (f'{COMMAND}kinds="what"', "kinds: expected a list of repository_added,"),
    (f'{COMMAND}versions="what"', "versions: expected a range of versions, as '>=1.2 <2'"),
    (f'{COMMAND}tags="v*"', "tags: expected a list of globs of tags, as ['latest', 'v*'], got"),
    (f'{COMMAND}quiet=["25:00-1:00"]', "quiet: expected a list of hours, as ['22:00-07:00'"),
    (f'{COMMAND}quiet=["noday 1:00-2:00"]', "quiet: expected a list of hours"),
    (f'{COMMAND}timezone="Nowhere"', "timezone: expected the name of a time zone"),
    (f'{COMMAND}severity="bad"', "expected one of low, medium, high, critical, got 'bad'"),
    (f'{COMMAND}secret_env="S"', "secret_env: expected no value: only a webhook has it"),
    (f"{COMMAND}burst=0", "burst: expected a whole number from 1 to 1000, got 0."),
    (f'{COMMAND}timeout="1h"', "timeout: expected an interval between 1s and 10m, as '30s'"),
    (f"{COMMAND}{COMMAND}", "[[notify]] no. 2 name: expected each name once, got 'a' again."),
    (f'{COMMAND}comand=["x"]', "comand: unknown key; did you mean 'command'?"),
    ('[notify]\nname="a"', "[notify]: expected two brackets, as in [[notify]]: there may be many."),
    (f'{NAMED}webhook="https://h"\nsecret_env="A"\nsecret_file="b"', "got secret_env as well."),
]  # fmt: skip


def configured(folder: Path, text: str) -> SinkSettings:
    file = folder / "indexer.toml"
    file.write_text(text, encoding="utf-8")
    (sink,) = load(file, {}).sinks
    return sink


def test_each_mistake_is_named_with_its_key_and_what_was_expected(tmp_path: Path) -> None:
    for text, sentence in MISTAKES:
        with pytest.raises(ConfigError) as refused:
            configured(tmp_path, text)
        (line,) = str(refused.value).splitlines()
        assert sentence in line
        assert "hunter22" not in line


def test_a_sink_is_read_as_it_is_meant(tmp_path: Path) -> None:
    settings = configured(
        tmp_path,
        """
        [[notify]]
        name = "audit"
        webhook = "https://example.com/hunter22?x=1"
        kinds = ["tag_retagged"]
        repositories = ["library/*"]
        tags = ["v*"]
        versions = "^1.2"
        releases = true
        severity = "high"
        quiet = ["sat-sun 00:00-24:00", "22:00-07:00"]
        timezone = "Europe/Berlin"
        burst = 3
        title = "{{ image }}"
        """,
    )
    sink = settings.sink
    assert (sink.name, sink.burst, sink.severity) == ("audit", 3, Severity.HIGH)
    assert sink.kinds == {ChangeKind.TAG_RETAGGED}
    assert sink.selection.has_tag("v1.9")
    assert not sink.selection.has_tag("1.9")
    assert sink.quiet.hours == (
        DailyHours(frozenset({5, 6}), 0, 1440),
        DailyHours.parse("22:00-07:00"),
    )
    assert sink.quiet.zone == ZoneInfo("Europe/Berlin")
    assert sink.templates == Templates(title="{{ image }}")
    assert "hunter22" not in repr(settings)


def test_addresses_and_secrets_come_from_where_the_configuration_says(tmp_path: Path) -> None:
    (tmp_path / "chat.txt").write_text("\njson://one\n  json://two \n")
    (tmp_path / "secret.txt").write_text("new\nold\n")
    chat = configured(tmp_path, f'{NAMED}apprise_file="chat.txt"')
    assert apprise_urls(chat, {}) == ("json://one", "json://two")
    chat = configured(tmp_path, f'{NAMED}apprise_env="CHAT"')
    assert apprise_urls(chat, {"CHAT": "json://one\njson://two"}) == ("json://one", "json://two")
    hook = configured(tmp_path, f'{NAMED}webhook_env="HOOK"\nsecret_file="secret.txt"')
    assert webhook_url(hook, {"HOOK": "https://h/x"}) == "https://h/x"
    assert secrets(hook, {}) == ("new", "old")
    hook = configured(tmp_path, f'{NAMED}webhook="https://h"\nsecret_env="S"')
    assert secrets(hook, {"S": "new old"}) == ("new", "old")


@pytest.mark.parametrize(
    ("text", "environ", "sentence"),
    [
        ('webhook_env="H"', {}, "'a': the environment variable H, which webhook_env names, is not"),
        ('webhook_env="H"', {"H": "hunter22"}, "variable H: expected an address as"),
        ('webhook_env="H"', {"H": "http://example.com/hunter22"}, "variable H: expected https://"),
        ('apprise_file="none"', {}, "cannot be read: No such file or directory."),
        (
            'webhook="https://h"\nsecret_env="S"',
            {"S": "hunter22"},
            "its secret must be a secret",
        ),
    ],
)
def test_what_is_not_where_the_configuration_says_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    environ: dict[str, str],
    sentence: str,
) -> None:
    settings = configured(tmp_path, f"{NAMED}{text}")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as refused:
        notification_sinks.addresses([settings])
    assert sentence in str(refused.value)
    assert "hunter22" not in str(refused.value)
