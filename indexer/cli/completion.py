"""Names from the index for shell completion. Never raises and never creates an index."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer  # noqa: TC002 - Typer reads the annotations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from indexer.store.catalog.catalog import Catalog

MOST_NAMES = 200
"""Nobody reads a longer list of suggestions."""


def complete_repository(ctx: typer.Context, incomplete: str) -> list[str]:
    """Repositories that start with the typed text; official images also without `library/`."""
    return _asked(ctx, lambda catalog: _repositories(catalog, incomplete))


def complete_namespace(ctx: typer.Context, incomplete: str) -> list[str]:
    """Namespaces of the index that start with the typed text."""
    return _asked(
        ctx,
        lambda catalog: [
            name for _, name in catalog.namespace_names() if name.startswith(incomplete)
        ],
    )


def complete_image(ctx: typer.Context, incomplete: str) -> list[str]:
    """Repositories; behind a `:` the tags of that repository, the newest versions first."""
    name, colon, tag = incomplete.rpartition(":")
    if not colon or "/" in tag:  # `registry:5000/team`
        return complete_repository(ctx, incomplete)
    return [f"{name}:{each}" for each in _asked(ctx, lambda catalog: _tags(catalog, name, tag))]


def complete_tag(ctx: typer.Context, incomplete: str) -> list[str]:
    """Tags of the repository that the command line names; without one, none."""
    # What stands before an unfinished option is not parsed yet: it is in `args`.
    given = (*map(ctx.params.get, ("place", "image", "repository")), *ctx.args)
    name = next((each for each in given if isinstance(each, str)), None)
    if name is None:
        return []
    return _asked(ctx, lambda catalog: _tags(catalog, name, incomplete))


def complete_policy(ctx: typer.Context, incomplete: str) -> list[str]:
    """Policies of the configuration and of the index."""
    from indexer.bootstrap import index_and_sources  # noqa: PLC0415 - help must not wait for it
    from indexer.config import load  # noqa: PLC0415 - the same

    try:
        settings = load(_config(ctx))
        names = {each.name for each in settings.policies}
        with index_and_sources.opened(settings, create=False) as store:
            found = store.evaluations.violations(only_open=False)
            names |= {each.found.policy for each in found}
    except Exception:  # noqa: BLE001 - completion must print names only, never an error
        return []
    return sorted(name for name in names if name.startswith(incomplete))


def _tags(catalog: Catalog, repository: str, incomplete: str) -> list[str]:
    from indexer.core.reference import parse_reference  # noqa: PLC0415 - help must not wait for it
    from indexer.core.version_order import newest_first  # noqa: PLC0415 - the same

    place = catalog.locate(parse_reference(repository))
    names = (each.tag for each in catalog.tags(*place))
    return newest_first(name for name in names if name.startswith(incomplete))[:MOST_NAMES]


def _repositories(catalog: Catalog, incomplete: str) -> list[str]:
    names = catalog.repository_names(incomplete, MOST_NAMES)
    if "/" not in incomplete and incomplete:
        official = catalog.repository_names(f"library/{incomplete}", MOST_NAMES)
        names = [*names, *(name.removeprefix("library/") for name in official)]
    return names


def _asked(ctx: typer.Context, ask: Callable[[Catalog], list[str]]) -> list[str]:
    try:
        from indexer.bootstrap import index_and_sources  # noqa: PLC0415 - help must not wait for it
        from indexer.config import load  # noqa: PLC0415 - the same

        with index_and_sources.opened(load(_config(ctx)), create=False) as store:
            return ask(store.catalog)
    except Exception:  # noqa: BLE001 - completion must print names only, never an error
        return []


def _config(ctx: typer.Context) -> Path | None:
    """The value of --config on the unfinished command line, before or after the command."""
    for params in (ctx.params, ctx.find_root().params):
        if params.get("config"):
            return Path(params["config"])
    return None


def joined(words: Sequence[str], current: int) -> tuple[list[str], int]:
    """Put words together that bash took apart at colons (`COMP_WORDBREAKS` holds one).

    Args:
        words: of the command line, as in `COMP_WORDS`: `a/b:1` is three of them.
        current: the index of the word to complete, as in `COMP_CWORD`.

    Returns:
        The words as they were typed, and the index of the word to complete.
    """
    found: list[str] = []
    place = current
    for index, word in enumerate(words):
        follows_colon = word != "" and index > 0 and _is_colon(words[index - 1])
        if len(found) > 1 and (_is_colon(word) or follows_colon):
            found[-1] += word
            place -= index <= current
        else:
            found.append(word)
    return found, place


def _is_colon(word: str) -> bool:
    return word != "" and not word.strip(":")


@contextlib.contextmanager
def whole_names(variable: str) -> Iterator[None]:
    """Complete whole names, and print what follows their last colon: bash replaces no more.

    Bash-completion's `__ltrimcolonprefixes` does the same for functions of the shell.

    Args:
        variable: the environment variable by which bash's script asks for completion.
    """
    words = os.environ.get("COMP_WORDS", "").split("\n")
    typed = os.environ.get("COMP_CWORD", "")
    if os.environ.get(variable) != "complete_bash" or not typed.isdecimal():
        yield
        return
    whole, current = joined(words, int(typed))
    os.environ["COMP_WORDS"], os.environ["COMP_CWORD"] = "\n".join(whole), str(current)
    was_apart = len(whole) < len(words) and current < len(whole)
    prefix = whole[current][: whole[current].rfind(":") + 1] if was_apart else ""
    answer = io.StringIO()
    try:
        with contextlib.redirect_stdout(answer):
            yield
    finally:
        lines = (line.removeprefix(prefix) for line in answer.getvalue().splitlines())
        sys.stdout.writelines(f"{line}\n" for line in lines)
