"""`indexer daemon`: crawl everything that is configured, each namespace when it is due."""

from indexer.cli.session import Session, command


@command
def daemon(session: Session) -> None:
    """Crawl what is configured, each namespace when it is due.

    By the schedules of the configuration, until SIGTERM or Ctrl-C; SIGHUP reads the configuration
    again. What is overdue is crawled at once, and what was missed once. The configured sinks are
    told what changed. See docs/deployment.md.
    """
    from indexer.config import load, service_manager  # noqa: PLC0415 - help must not wait for it
    from indexer.daemon.service import Service  # noqa: PLC0415 - the same

    settings = session.settings
    with session.index(create=True) as store:
        Service(
            settings,
            lambda: load(session.common.config),
            store=store,
            clock=session.clock,
            manager=service_manager(),
            called=session.called,
        ).run()
