"""What runs for long: the daemon, and workers on many machines.

In: `Settings`, what the index says was done, signals, and jobs.
Out: crawls that are judged and told, in the index; logs; what a service manager is told.
May not: decide by a memory of its own what is due: the index says that, so a restart loses nothing.

daemon               all of the daemon together, from the beginning to the end of its process
scheduler            what it does each time it looks: start what is due, and nothing twice
ticker               APScheduler, which only says when to look
crawl_slots          how many namespaces at once, so that a huge one holds up nobody
crawl_runner         one crawl: in a thread, stoppable, with its story in the log
policy_runner        judges by the policies what crawls saw
notification_runner  tells the sinks what changed
signals              SIGTERM, SIGINT and SIGHUP as messages
systemd              what a service manager is told

worker               a worker, from the beginning to the end of its process
worker_jobs          what a job does: conduct a crawl, or read a shard of one
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
