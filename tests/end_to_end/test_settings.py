"""Which configuration and which database a command takes."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from indexer.store.schema.migrate import HEAD

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.hub_simulator import Simulator
    from tests.end_to_end.program import Program

WRONG = '[[registry]]\nhub_rul = "x"\n\n[http]\nconcurrency = 0\n'


@pytest.fixture
def elsewhere(program: Program) -> Path:
    """The configuration in another folder, under another name."""
    file = program.folder / "indexer.toml"
    return file.rename(program.folder.parent / "other.toml")


def test_without_a_file_named_that_of_the_working_directory_is_taken(program: Program) -> None:
    assert program.good("crawl").out.startswith("docker.io/acme: complete")
    assert (program.folder / "indexer.db").is_file()


def test_a_command_that_contacts_somebody_says_which_file_it_found(
    program: Program, elsewhere: Path
) -> None:
    said = "using the configuration that was found here: indexer.toml\n"
    named = program.good("crawl", "--config", str(elsewhere))
    found = elsewhere.rename(program.folder / "indexer.toml")
    with found.open("a") as file:
        file.write('[[notify]]\nname = "log"\ncommand = ["true"]\n')
    assert said not in named.err

    for command in (["crawl"], ["inspect", "acme/api:1.0"], ["notify", "test", "log"]):
        assert program.run(*command).err.count(said) == 1, command
    assert said not in program.good("status").err  # it asks the index only


def test_a_file_is_named_before_the_command_or_after_it(program: Program, elsewhere: Path) -> None:
    before = program.good("--config", str(elsewhere), "crawl").out
    after = program.good("crawl", "--config", str(elsewhere)).out

    assert before.startswith("docker.io/acme: complete (incremental crawl 1)")
    assert after.startswith("docker.io/acme: complete (incremental crawl 2)")


def test_the_environment_names_a_file_and_the_command_line_goes_before_it(
    program: Program, elsewhere: Path
) -> None:
    program.environment["INDEXER_CONFIG"] = str(elsewhere)
    assert program.good("crawl").out.startswith("docker.io/acme: complete")

    done = program.run("status", "--config", "nowhere.toml")

    assert done.code == 2
    assert "nowhere.toml" in done.err


def test_the_environment_names_the_database(program: Program) -> None:
    program.environment["INDEXER_DATABASE_URL"] = "sqlite:///another.db"

    program.good("crawl", "-q")

    assert (program.folder / "another.db").is_file()
    assert not (program.folder / "indexer.db").exists()


def test_every_mistake_is_told_with_its_file_and_key_and_nothing_is_crawled(
    program: Program,
) -> None:
    (program.folder / "indexer.toml").write_text(WRONG, encoding="utf-8")

    done = program.run("crawl")

    assert (done.code, done.out) == (2, "")
    assert "hub_rul" in done.err
    assert "hub_url" in done.err
    assert "concurrency" in done.err
    assert done.err.count("indexer.toml") >= 2
    assert not (program.folder / "indexer.db").exists()


def test_a_missing_password_is_told_before_anything_is_asked(program: Program) -> None:
    file = program.folder / "indexer.toml"
    account = 'username = "ann"\npassword_env = "NOT_SET"\n'
    file.write_text(file.read_text(encoding="utf-8") + account, encoding="utf-8")

    done = program.run("crawl")

    assert (done.code, done.out) == (2, "")
    assert "NOT_SET" in done.err


def test_a_schema_is_made_and_named(program: Program, database_url: str) -> None:
    program.environment["INDEXER_DATABASE_URL"] = database_url

    nothing = program.run("db", "current")
    made = program.good("db", "upgrade").out
    again = program.good("db", "upgrade").out

    assert nothing.code == 2
    assert "'indexer db upgrade'" in nothing.err
    assert HEAD in made
    assert made == again == program.good("db", "current").out


def test_a_database_of_a_newer_version_is_refused_and_left_alone(crawled: Program) -> None:
    with sqlite3.connect(crawled.folder / "indexer.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    for command in (["crawl"], ["repos"], ["db", "upgrade"]):
        done = crawled.run(*command)

        assert (done.code, done.out) == (2, "")
        assert "newer version" in done.err


def test_a_database_of_another_program_is_refused_and_left_alone(program: Program) -> None:
    with sqlite3.connect(program.folder / "indexer.db") as connection:
        connection.execute("CREATE TABLE precious (id INTEGER)")
    connection.close()

    done = program.run("crawl")

    assert (done.code, done.out) == (2, "")
    assert "belongs to another program" in done.err


@pytest.mark.parametrize(
    "url", ["sqlite:///no/such/folder/x.db", "postgresql+psycopg://nobody@127.0.0.1:1/nothing"]
)
def test_a_database_that_cannot_be_reached_is_a_sentence(program: Program, url: str) -> None:
    done = program.run("crawl", INDEXER_DATABASE_URL=url)

    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1].startswith("indexer: ")
    assert "Traceback" not in done.err


def test_config_check_asks_nobody_and_says_what_is_missing(
    program: Program, simulator: Simulator
) -> None:
    file = program.folder / "indexer.toml"
    good = program.good("config", "check")
    file.write_text(file.read_text(encoding="utf-8") + "docker_config = true\n", encoding="utf-8")
    missing = program.run("config", "check", "--format", "json")
    file.write_text(WRONG, encoding="utf-8")
    wrong = program.run("config", "check")

    assert good.out == "indexer.toml: ok (1 namespace, 0 sinks, 0 policies)\n"
    assert missing.code == 1
    assert [each["place"] for each in missing.json["findings"]] == ["[[registry]] docker.io"]
    assert wrong.code == 2
    assert "did you mean 'hub_url'" in wrong.err
    assert simulator.requests == []
    assert not (program.folder / "indexer.db").exists()


def test_config_show_says_where_each_value_comes_from(program: Program) -> None:
    url = "postgresql://me:hunter2@db.example.com/x"
    rows = program.good("config", "show", "--format", "json", INDEXER_DATABASE_URL=url).json
    table = program.good("config", "show", "--no-defaults").out

    origins = {(row["section"], row["key"]): row["origin"] for row in rows}
    assert origins["[database]", "url"] == "INDEXER_DATABASE_URL"
    assert origins["[[registry]] docker.io", "namespaces"] == "indexer.toml"
    assert origins["[http]", "tries"] == "default"
    assert "hunter2" not in str(rows)
    assert "default" not in table
    assert '["acme"]' in table
