"""`indexer serve`: serve catalog, API, feeds, metrics and pages over HTTP."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.context import CommandContext, command

if TYPE_CHECKING:
    from indexer.config import ServeSettings


@command
def serve(
    session: CommandContext,
    host: Annotated[
        str | None,
        typer.Option(
            metavar="HOST", help="Address to listen on. Default: as configured, else 127.0.0.1."
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            metavar="PORT",
            min=0,
            max=65_535,
            help="Port; 0 for any free one. Default: as configured, else 8080.",
        ),
    ] = None,
    *,
    insecure_public: Annotated[
        bool,
        typer.Option(
            "--insecure-public",
            help="Allow anyone who can reach HOST to read public repositories without a token.",
        ),
    ] = False,
) -> None:
    """Serve the index over HTTP: catalog, API, feeds and pages.

    Read-only. By default only this machine can connect. Stop it with Ctrl-C. With [serve] fetch
    and blobs, images can be pulled through it.

    Examples:
      indexer serve
      indexer --config prod.toml serve --log-format json
    """
    from contextlib import ExitStack  # noqa: PLC0415 - help must not wait for it

    from indexer.bootstrap.found_configuration import announce  # noqa: PLC0415 - the same
    from indexer.config import serve_secrets  # noqa: PLC0415 - help must not wait for it
    from indexer.web.access_log import AccessLog, LogForm  # noqa: PLC0415 - the same
    from indexer.web.access_rules import check_registry_hosts, rules_of  # noqa: PLC0415 - the same
    from indexer.web.context import context_over  # noqa: PLC0415 - the same
    from indexer.web.server import listen, serve  # noqa: PLC0415 - the same

    settings = _with(session.settings.serve, host, port)
    announce(session.settings)
    rules = rules_of(settings, serve_secrets(settings), insecure_public=insecure_public)
    with ExitStack() as stack:
        store = stack.enter_context(session.index())
        configured = {each.host for each in session.settings.registries}
        check_registry_hosts(rules, configured | {*store.browser(private=True).registries()})
        listener = stack.enter_context(listen(settings.host, settings.port))
        log = AccessLog(LogForm(settings.access_log), sys.stdout) if settings.access_log else None
        on_demand = layers_of = None
        if settings.fetch or settings.blobs == "pass":
            from indexer.bootstrap.registry_content import RegistryContent  # noqa: PLC0415
            from indexer.manifests.on_demand import OnDemand  # noqa: PLC0415

            content = RegistryContent(session.settings, store, session.clock)
            stack.callback(content.close)
            if settings.fetch:
                on_demand = OnDemand(store.manifests, content.contents_of, session.clock)
            if settings.blobs == "pass":
                layers_of = content.layers_of
        site = context_over(
            store,
            clock=session.clock,
            settings=session.settings,
            rules=rules,
            on_demand=on_demand,
            layers_of=layers_of,
            access_log=log,
        )
        bound = listener.getsockname()[1]
        shown = f"[{settings.host}]" if ":" in settings.host else settings.host
        serve(site, listener, lambda: session.note(f"serving http://{shown}:{bound}/"))


def _with(configured: "ServeSettings", host: str | None, port: int | None) -> "ServeSettings":
    """The settings, with --host and --port applied."""
    import dataclasses  # noqa: PLC0415 - help must not wait for it

    from indexer.config import value_readers  # noqa: PLC0415 - the same
    from indexer.config.serve import host as read_host  # noqa: PLC0415 - the same

    if host is not None:
        try:
            configured = dataclasses.replace(configured, host=read_host(host))
        except value_readers.InvalidValue as wrong:
            raise typer.BadParameter(f"expected {wrong}", param_hint="'--host'") from None
    if port is not None:
        configured = dataclasses.replace(configured, port=port)
    return configured
