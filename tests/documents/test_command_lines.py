"""The table of lines and columns that commands take, and what counts there."""

from __future__ import annotations

from benchmarks import command_lines
from benchmarks.command_lines import Seen
from tests.documents import pages


def test_the_page_has_a_row_for_each_of_forty_commands() -> None:
    page = pages.read(pages.ROOT / "docs" / "command-lines.md")
    assert len(command_lines.COMMANDS) == 40
    assert all(f"| `{each}` |" in page for each in command_lines.COMMANDS)


def test_a_line_that_is_too_wide_is_seen_as_several() -> None:
    assert command_lines._seen(["a" * 80, "", "a" * 81]) == Seen(4, 81)


def test_only_what_both_versions_understand_is_added_up() -> None:
    found = [("one", Seen(3, 70), Seen(2, 80)), ("two", None, Seen(9, 9))]
    *_, total = command_lines.table(found)
    assert total == "| together, where both know the command (1) | 3 | 2 | 70 | 80 |"
