"""`indexer inspect`: show an image as skopeo does, from the index if it is known there."""

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.completion import complete_image
from indexer.cli.context import CommandContext, command
from indexer.cli.options import MaxAgeOption
from indexer.core.errors import StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.config import RegistrySettings
    from indexer.core.reference import Reference
    from indexer.manifests.inspect import InspectedImage, InspectRequest
    from indexer.store import Store

TRANSPORT = "docker://"
"""The transport prefix that skopeo requires; accepted and ignored here."""


@command
def inspect(  # noqa: PLR0913 - each is an option of the command
    session: CommandContext,
    image: Annotated[
        str,
        typer.Argument(
            metavar="IMAGE",
            help="'nginx', 'ansible/awx:21', 'nginx@4bcff63', 'registry:5000/a/b@sha256:…' or "
            "'pkg:docker/…'.",
            autocompletion=complete_image,
            show_default=False,
        ),
    ],
    platform: Annotated[
        str | None,
        typer.Option(
            metavar="OS/ARCH",
            help="Which image of an index: 'linux/arm64', 'linux/arm/v7'. Default: this machine's.",
            show_default=False,
        ),
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="TEMPLATE",
            help="'json', or a Go template such as '{{.Digest}}'.",
            show_default=False,
        ),
    ] = None,
    *,
    no_tags: Annotated[bool, typer.Option("--no-tags", help="Leave RepoTags empty.")] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="Show the manifest as the registry sent it.")
    ] = False,
    config: Annotated[
        bool,
        typer.Option(
            "--config", help="Show the image's configuration. (With FILE: our configuration.)"
        ),
    ] = False,
    layers_data: Annotated[
        bool, typer.Option("--layers-data", help="Include LayersData, as skopeo 1.10 and newer do.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Use only the index; send no request.")
    ] = False,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask the registry even if the index knows the image.")
    ] = False,
    max_age: MaxAgeOption = None,
) -> None:
    """Show an image as 'skopeo inspect' does.

    The answer comes from the index; the registry is asked for what the index does not know.

    Examples:
      indexer inspect nginx:1.27
      indexer inspect nginx --platform linux/arm64 --format '{{.Digest}}'
    """
    from dataclasses import replace  # noqa: PLC0415 - help must not wait for it

    from indexer.bootstrap import index_and_sources  # noqa: PLC0415 - the same
    from indexer.cli import name_lookup  # noqa: PLC0415 - the same
    from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - the same
    from indexer.core.reference import parse_reference  # noqa: PLC0415 - the same
    from indexer.crawl.schedule.freshness import of_repositories  # noqa: PLC0415 - the same
    from indexer.manifests.inspect import inspect as look  # noqa: PLC0415 - the same

    if raw and template:
        raise UsageError("--raw shows exactly what the registry sent: leave out --format.")
    if offline and refresh:
        raise UsageError("--offline and --refresh contradict each other: give one of them.")
    image = image.removeprefix(TRANSPORT)
    request = replace(
        _request(platform, refresh=refresh, raw=raw and not config, tags=not (no_tags or config)),
        config=config,
    )
    sources = index_and_sources.Sources(session.settings, session.clock)
    age = None
    try:
        with _index(session, offline=offline) as store:
            typed = name_lookup.with_full_digest(store.catalog, image) if store else image
            placed = _placed(parse_reference(typed), store)
            contents = None if offline else sources.contents(_settings(session, placed))
            found = look(
                placed,
                request,
                manifests=store.manifests if store else None,
                contents=contents,
                now=session.now(),
            )
            if store and found.seen_at is not None:
                wanted = of_repositories([(str(placed.registry), placed.repository)])
                age = AnswerAge(session, store.catalog, max_age, wanted)
                age.rests_on(store.catalog, [(str(placed.registry), placed.repository)])
    finally:
        sources.close()
    session.note(_whence(found, session))
    _write(session, _shown(found, template, raw=raw, config=config, layers=layers_data))
    if age is not None:
        age.tell(note=False)


def _request(platform: str | None, *, refresh: bool, raw: bool, tags: bool) -> "InspectRequest":
    import os  # noqa: PLC0415 - help must not wait for it

    from indexer.manifests import platform_selection  # noqa: PLC0415 - the same
    from indexer.manifests.inspect import InspectRequest  # noqa: PLC0415 - the same

    wanted = (
        platform_selection.parse(platform)
        if platform
        else platform_selection.of_machine(os.uname().machine)
    )
    return InspectRequest(wanted, refresh=refresh, raw=raw, tags=tags)


@contextmanager
def _index(session: CommandContext, *, offline: bool) -> "Iterator[Store | None]":
    """The index, or None if there is none that can be used (then the registry is asked)."""
    try:
        with session.index() as store:
            yield store
            return
    except StoreError as error:
        if offline:
            raise
        session.note(str(error))
    yield None


def _placed(reference: "Reference", store: "Store | None") -> "Reference":
    """Add the registry: as typed, else the only one that has the repository, else Docker Hub."""
    from dataclasses import replace  # noqa: PLC0415 - help must not wait for it

    from indexer.core.reference import DOCKER_HUB  # noqa: PLC0415 - the same

    if reference.registry is not None or store is None:
        return replace(reference, registry=reference.registry or DOCKER_HUB)
    registries = sorted({registry for registry, _ in store.catalog.namespace_names()})
    for name in reference.names:
        known = [each for each in registries if store.manifests.tag_names(each, name) is not None]
        if len(known) > 1:
            choices = " or ".join(f"'{each}/{name}'" for each in known)
            raise UsageError(f"several registries have '{name}': write {choices}.")
        if known:
            return replace(reference, registry=known[0], repository=name)
    return replace(reference, registry=DOCKER_HUB)


def _settings(session: CommandContext, reference: "Reference") -> "RegistrySettings":
    """The settings of the image's registry, or defaults if it is not configured."""
    from indexer.config import RegistrySettings  # noqa: PLC0415 - help must not wait for it
    from indexer.core.reference import DOCKER_HUB  # noqa: PLC0415 - the same

    namespace = reference.repository.partition("/")[0]
    entry = session.settings.entry(str(reference.registry), namespace)
    if entry is not None:
        return entry
    if reference.registry in {None, DOCKER_HUB}:
        return RegistrySettings()
    return RegistrySettings(name=str(reference.registry), type="oci", namespaces=("*",))


def _shown(
    found: "InspectedImage", template: str | None, *, raw: bool, config: bool, layers: bool
) -> bytes | str:
    """What to print: the bytes that the registry sent, or text."""
    from indexer.manifests.inspect import NotAnImage  # noqa: PLC0415 - the same
    from indexer.manifests.untrusted_json import NotReadable  # noqa: PLC0415 - help must not wait for it
    from indexer.render import skopeo  # noqa: PLC0415 - the same
    from indexer.render.go_template import render  # noqa: PLC0415 - the same
    from indexer.render.go_values import as_json  # noqa: PLC0415 - the same

    if raw:
        return found.config if config else found.content.body
    assert found.image is not None
    try:
        if config:
            record = skopeo.configured(found.image, found.config)
        else:
            record = skopeo.inspected(
                name=found.name,
                digest=found.digest,
                tags=found.tags,
                image=found.image,
                config=found.config,
                layers_data=layers,
            )
    except NotReadable as why:
        raise NotAnImage(f"the configuration of {found.name} cannot be read: {why}.") from None
    if template is None or re.fullmatch(r"\s*(json|{{\s*json\s*\.?\s*}})\s*", template):
        return f"{as_json(record)}\n"
    return render(template, record)


def _whence(found: "InspectedImage", session: CommandContext) -> str:
    """Say where the answer comes from and how old it is."""
    from indexer.core.humanize import age, count, short_time  # noqa: PLC0415 - help must not wait for it

    if found.seen_at is None and found.requests:
        return f"from the registry, just now ({count(found.requests, 'request')})."
    if found.seen_at is None:
        when = found.fetched_at
        return f"from the index: fetched {short_time(when)} UTC ({age(when, session.now())})."
    since = f"{short_time(found.seen_at)} UTC ({age(found.seen_at, session.now())})"
    fetched = f", and {count(found.requests, 'request')} for the rest" if found.requests else ""
    return f"from the index, as of {since}{fetched}; --refresh asks the registry."


def _write(session: CommandContext, shown_one: bytes | str) -> None:
    """Write the result: to a terminal without control characters, else byte by byte."""
    from indexer.render.go_values import for_terminal  # noqa: PLC0415 - help must not wait for it

    if session.out.isatty():
        text = shown_one if isinstance(shown_one, str) else shown_one.decode(errors="replace")
        session.out.write(for_terminal(text))
        return
    data = shown_one if isinstance(shown_one, bytes) else shown_one.encode()
    session.out.flush()
    session.out.buffer.write(data)
