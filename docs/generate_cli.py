"""Write the generated pages and the README's list of commands; with --check only compare them."""  # noqa: INP001 - a script, no package

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.cli.app import EPILOG, with_every_command

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).with_name("cli.md")
README = Path(__file__).parent.parent / "README.md"

_LIST = re.compile(r"^Collect:\n(?:.*\n)+?(?=```$|\n  Exit codes)", re.MULTILINE)
_COLUMNS = 78
"""What help takes of a terminal of 80."""

HEAD = """\
# Command line

<!-- Written by docs/generate_cli.py from the code; do not edit. -->

For people who type commands: every command, its options and examples.

    indexer [OPTIONS] COMMAND [OPTIONS] [ARGUMENTS]

{help}

{epilog}

Results go to standard output, progress and messages to standard error. Tables fit the
terminal: a row is a line; long names are shortened in the middle, and columns without room are left
out. `--wide` shows all. If standard output is not a terminal, nothing is shortened or left out. The
machine formats are described field by field in [formats.md](formats.md), the configuration in
[configuration.md](configuration.md).
"""


def page() -> str:
    """The whole page."""
    root = with_every_command()
    parts = [HEAD.format(help=root.help, epilog=EPILOG), "## Options of every command\n"]
    parts.append("The first four may stand before the command's name or after it.\n")
    parts.append("\n".join(_rows(root)) + "\n")
    common = {option for parameter in root.params for option in parameter.opts}
    for name, command in _commands(root, ""):
        parts.append(f"## `indexer {name}`\n")
        parts.append(f"    indexer {name} {_usage(command)}\n")
        text, _, examples = command.help.partition("\b\nExamples:\n")
        parts.append(f"{text.rstrip()}\n")
        if examples:
            parts.append("Examples:\n")
            parts.append("".join(f"    {each.strip()}\n" for each in examples.splitlines()))
        rows = list(_rows(command, common))
        if rows:
            parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def _commands(group: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def _usage(command: Any) -> str:
    arguments = [_place(each) for each in command.params if each.param_type_name == "argument"]
    return " ".join(["[OPTIONS]", *arguments])


def _place(argument: Any) -> str:
    if argument.nargs == -1:
        return str(argument.metavar)  # says itself that it may be given more than once
    return argument.metavar if argument.required else f"[{argument.metavar}]"


def _rows(command: Any, without: set[str] = frozenset()) -> Iterator[str]:  # type: ignore[assignment] # it is only read
    rows = [each for each in command.params if without.isdisjoint(each.opts)]
    if not rows:
        return
    yield "| | |"
    yield "| --- | --- |"
    for each in rows:
        yield f"| {_named(each)} | {_explained(each)} |"


def _named(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{_place(parameter)}`".replace("|", "\\|")
    names = "`, `".join(parameter.opts)
    if parameter.is_flag:
        return f"`{names}`"
    return f"`{names} {parameter.metavar}`".replace("|", "\\|")


def _explained(parameter: Any) -> str:
    text = parameter.help.replace("|", "\\|")
    default = getattr(parameter.default, "value", None)
    if default:
        text += f" Default: `{default}`."
    return f"{text} Required." if parameter.required and "--" in parameter.opts[0] else text


def readme() -> str:
    """The README with the list of commands that `indexer --help` shows."""
    root = with_every_command()
    context = root.make_context("indexer", [], resilient_parsing=True, terminal_width=_COLUMNS)
    listed = _LIST.search(root.get_help(context) + "\n")
    assert listed is not None
    return _LIST.sub(lambda _: listed[0], README.read_text(encoding="utf-8"), count=1)


def main(arguments: list[str]) -> str | None:
    """Write the pages, or compare them; return what is wrong, in words."""
    from docs import generate_reference  # noqa: PLC0415 - it brings the server along

    texts = {PAGE: page(), README: readme(), **generate_reference.pages()}
    if arguments != ["--check"]:
        for file, text in texts.items():
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return None
    old = [
        each.name
        for each, text in texts.items()
        if not each.exists() or each.read_text(encoding="utf-8") != text
    ]
    if old:
        return f"{' and '.join(old)}: not what the code says; run 'make pages' and commit."
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
