"""Runs namespaces: once for a command, or continuously in the daemon and in workers.

In: `Settings`, the state of the index, signals, and jobs.
Out: crawls that are judged and sent to sinks; logs; messages to the service manager.
May not: keep its own record of what is due: that is in the index, so a restart loses nothing. (The
agenda only says when to look there again.)

run_namespace        crawl, ask the Hub, judge, notify: the only place where these are wired
policy_judge         judges by the policies what has not been judged yet
sink_notifier        sends the sinks what was judged
reporter             the port that each step is reported to
log_reporter         writes the reports into the log

daemon               the process of `indexer daemon`, from start to end
scheduler            each time it looks: starts what is due, and nothing twice
due_namespaces       what is due, in order, at the cost of what is due
agenda               when to look at each namespace again, and which wait for a slot
ticker               calls the scheduler at an interval (APScheduler)
hint_watch           wakes the scheduler when a hook has left a hint
crawl_slots          how many namespaces are crawled at once, so that a huge one blocks none
due_crawl            crawls a namespace that is due, or leaves it to workers
notification_runner  between crawls: judges and notifies what was left
signals              SIGTERM, SIGINT and SIGHUP as messages
systemd              messages to the service manager

worker               the process of `indexer worker`, from start to end
worker_jobs          what a job does: run a namespace, or read a shard of a crawl
job_queue            the queue: Procrastinate's tables, in the index's own PostgreSQL
missing_workers      notices that crawls wait and no worker is running
idle_worker          says why a worker has nothing to do
queue_status         counts of jobs and workers, for `indexer status`
crawl_sharding       puts a large crawl's repositories into jobs, and collects the results

    daemon ── is it due? ──▶ job: crawl ──▶ worker: lists, and reads what is small
                                               │
                            jobs: shards ◀─────┘ what is large
                               └──────────▶ worker, any: reads, and writes

`indexer.crawl.schedule.next_crawl` decides what is due, from the crawls that the index records. So
a job for a namespace that is not due does nothing, and a lost job is put in again by the daemon
after half a minute. The process that conducts a crawl holds a lock on a database connection of its
own, which is released when the process dies.
"""
