"""`indexer status`: how well each namespace is known, and what is late."""

from indexer.cli.options import TableOrJsonOption
from indexer.cli.session import Session, command
from indexer.render.formats import TableOrJson


@command
def status(session: Session, *, form: TableOrJsonOption = TableOrJson.TABLE) -> None:
    """Show the last crawl of each namespace, and what is late.

    Also what could not be read and why, what is read next, and what is left of the rate limit.
    """
    import json  # noqa: PLC0415 - help must not wait for it

    from indexer.render import status as render  # noqa: PLC0415 - the same

    settings, now = session.settings, session.now()
    configured = [
        (registry.name, namespace)
        for registry in settings.registries
        for namespace in registry.namespaces
    ]
    with session.index() as store:
        standings = render.standings(
            store.catalog.namespaces(),
            configured,
            settings.schedule if settings.file else None,
            now,
        )
    if form is TableOrJson.JSON:
        records = [render.record(standing, now) for standing in standings]
        session.out.write(json.dumps({"namespaces": records}, indent=2) + "\n")
        return
    session.out.writelines(f"{line}\n" for line in render.lines(standings, now, session.width))
    if not standings:
        session.note(f"nothing was crawled yet: '{session.called} crawl NAMESPACE' comes first.")
