"""`indexer daemon`: crawl the configured namespaces on their schedules."""

from indexer.cli.context import CommandContext, command


@command
def daemon(session: CommandContext) -> None:
    """Crawl the configured namespaces on their schedules.

    Notifies the sinks of what changed. Runs until SIGTERM or Ctrl-C; SIGHUP reloads the
    configuration. Overdue crawls start at once; if a namespace missed several, it is crawled once.
    Without a namespace in the configuration it waits for one. See docs/deployment.md.

    Examples:
      indexer daemon
      indexer --config prod.toml daemon --log-format json
    """
    from contextlib import ExitStack  # noqa: PLC0415 - help must not wait for it

    from indexer.config import load, service_manager  # noqa: PLC0415 - the same
    from indexer.service.daemon import Daemon  # noqa: PLC0415 - the same

    settings = session.settings
    with ExitStack() as stack:
        defer = None
        if settings.daemon.workers:
            from indexer.service.job_queue import Queue, address_of, make_ready  # noqa: PLC0415
            from indexer.service.missing_workers import WatchedQueue  # noqa: PLC0415 - the same
            from indexer.service.queue_status import queue_status  # noqa: PLC0415 - the same

            url = settings.database.url
            address = address_of(url, is_daemon=True)
            make_ready(address)
            put = stack.enter_context(Queue(address)).crawl
            defer = WatchedQueue(put, lambda: queue_status(url), session.clock)
        Daemon(
            settings,
            lambda: load(session.common.config),
            store=stack.enter_context(session.index(create=True)),
            clock=session.clock,
            manager=service_manager(),
            program=session.program,
            defer=defer,
        ).run()
