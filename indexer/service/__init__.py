"""Running namespaces, once for a command, or for long: the daemon, and workers on many machines.

In: `Settings`, what the index says was done, signals, and jobs.
Out: crawls that are judged and told, in the index; logs; what a service manager is told.
May not: decide by a memory of its own what is due: the index says that, so a restart loses nothing.

run_namespace        the one way of a namespace: crawl, ask the Hub, judge, notify
policy_judge         judges by the policies what nobody has judged yet
sink_notifier        tells the sinks what was judged
reporter             who hears of each step
log_reporter         writes what it hears into the log

daemon               all of the daemon together, from the beginning to the end of its process
scheduler            what it does each time it looks: start what is due, and nothing twice
ticker               APScheduler, which only says when to look
crawl_slots          how many namespaces at once, so that a huge one holds up nobody
crawl_runner         what becomes of a namespace that is due: it is run here, or left to workers
notification_runner  looks between crawls at what is to be judged and told
signals              SIGTERM, SIGINT and SIGHUP as messages
systemd              what a service manager is told

worker               a worker, from the beginning to the end of its process
worker_jobs          what a job does: run a namespace, or read a shard of a crawl
job_queue            the queue: Procrastinate's tables, in the index's own PostgreSQL
queue_status         how the queue stands
crawl_sharding       a large crawl's repositories as jobs, and what became of them

    daemon ── is it due? ──▶ job: crawl ──▶ worker: lists, and reads what is small
                                               │
                            jobs: shards ◀─────┘ what is large
                               └──────────▶ worker, any: reads, and writes

`indexer.crawl.next_crawl` says what is due, from what the index says was done: a job that comes
when its namespace is not due does nothing, so none is done twice, and one that is lost is put in
again at the daemon's next look. Whoever conducts a crawl holds its lock on a connection of its
own, and loses it with its life.
"""
