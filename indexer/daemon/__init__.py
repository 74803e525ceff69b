"""The daemon: crawls each namespace when it is due, for as long as it is let.

core      what it does each time it looks
timings   when something is due: intervals, and cron expressions as APScheduler knows them
lanes     how many namespaces at once, so that a huge one holds up nobody
crawling  one crawl, as the daemon runs it: in a thread, stoppable, with its story in the log
judging   judges by the policies what crawls saw
telling   tells the sinks what changed
ticking   APScheduler, which only says when to look
signals   SIGTERM, SIGINT and SIGHUP as messages
systemd   what a service manager is told
service   all of it together, from the beginning to the end of the process

What is due says `indexer.timetable`, from what the index says was done.
"""

from indexer.daemon.core import Daemon, Plan, Planned
from indexer.daemon.timings import timetable_of, timetables_of

__all__ = ["Daemon", "Plan", "Planned", "timetable_of", "timetables_of"]
