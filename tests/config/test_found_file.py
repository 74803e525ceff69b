"""Files of the working directory that nobody named: whose they must be to be obeyed or believed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from indexer.config import Settings, load
from indexer.core.errors import ConfigError


def test_a_file_that_is_found_must_belong_to_who_obeys_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "indexer.toml"
    file.write_text("[http]\ntries = 7\n")
    file.chmod(0o664)  # as people with a group of their own have it
    monkeypatch.chdir(tmp_path)
    assert load(None, {}).http.tries == 7

    file.chmod(0o666)
    with pytest.raises(ConfigError, match=r"any user may write it: name it with '--config \./"):
        load(None, {})
    file.chmod(0o664)
    with monkeypatch.context() as other:
        other.setattr(os, "getegid", lambda: file.stat().st_gid + 1)
        with pytest.raises(ConfigError, match="another group than yours may write it"):
            load(None, {})
    file.chmod(0o644)
    if file.stat().st_uid == 0:  # root's files are anybody's to obey
        os.chown(file, 7, -1)
    monkeypatch.setattr(os, "geteuid", lambda: file.stat().st_uid + 1)
    with pytest.raises(ConfigError, match="it belongs to another user"):
        load(None, {})
    assert load(file, {}).http.tries == 7
    assert load(None, {"INDEXER_CONFIG": "indexer.toml"}).http.tries == 7


def test_an_index_that_is_found_must_belong_to_who_believes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever can put one into a shared folder chooses what `indexer check` answers there."""
    index = tmp_path / "indexer.db"
    index.touch(0o644)
    monkeypatch.chdir(tmp_path)
    assert load(None, {}) == Settings()

    index.chmod(0o666)
    with pytest.raises(ConfigError) as refused:
        load(None, {})
    assert str(refused.value) == (
        "indexer.db: this index was found here, and any user may write it: set "
        "INDEXER_DATABASE_URL=sqlite:///indexer.db if you trust it, or name another index."
    )
    assert load(None, {"INDEXER_DATABASE_URL": "sqlite:///indexer.db"}) == Settings()

    (tmp_path / "indexer.toml").write_text("[http]\ntries = 7\n")
    with pytest.raises(ConfigError, match="this index was found here"):
        load(None, {})
    (tmp_path / "indexer.toml").write_text('[database]\nurl = "sqlite:///indexer.db"\n')
    assert load(None, {}).database.url == "sqlite:///indexer.db"


def test_a_link_that_is_found_must_belong_to_who_obeys_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder of several users somebody else chooses which of your files it leads to."""
    elsewhere = tmp_path / "downloaded.toml"
    elsewhere.write_text("[http]\ntries = 7\n")
    (tmp_path / "indexer.toml").symlink_to(elsewhere)
    monkeypatch.chdir(tmp_path)
    assert load(None, {}).http.tries == 7

    own = Path.lstat

    def of_another(path: Path) -> os.stat_result:
        found = list(own(path))
        found[stat.ST_UID] = os.geteuid() + 1
        return os.stat_result(found)

    monkeypatch.setattr(Path, "lstat", of_another)
    with pytest.raises(ConfigError, match="the link to it belongs to another user"):
        load(None, {})
