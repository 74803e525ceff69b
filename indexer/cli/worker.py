"""`indexer worker`: run the crawls of a daemon, on any number of machines."""

from indexer.cli.context import CommandContext, command


@command
def worker(session: CommandContext) -> None:
    """Run the crawls that a daemon finds due.

    Start as many workers as you like, on any machines. They share an index in PostgreSQL, its job
    queue, and the rate limit of each registry. The daemon needs '[daemon] workers = true'. A worker
    runs until SIGTERM or Ctrl-C. One that has nothing to do says why.

    Examples:
      indexer worker
      indexer --config prod.toml worker
    """
    from indexer.config import service_manager  # noqa: PLC0415 - help must not wait for it
    from indexer.service.job_queue import address_of  # noqa: PLC0415 - the same
    from indexer.service.worker import Worker  # noqa: PLC0415 - the same

    settings = session.settings
    address_of(settings.database.url)  # before an index is made that no worker can use
    with session.index(create=True) as store:
        Worker(settings, store=store, clock=session.clock, manager=service_manager()).run()
