"""The same crawls on many machines: jobs of Procrastinate, a queue in the index's own PostgreSQL.

queue     the queue: its schema, jobs put in, taken back, looked after
sharing   a large crawl's repositories as jobs, and what became of them
jobs      what a job does
service   a worker, from the beginning to the end of its process

    indexer daemon ── is it due? ──▶ job: crawl ──▶ indexer worker: lists, and reads what is small
                                                        │
                                     jobs: parts ◀──────┘ what is large
                                        └──────────▶ indexer worker, any: reads, and writes

What is due the index says, here as there: a job that comes when its namespace is not due does
nothing, so none is done twice, and one that is lost is put in again at the daemon's next look.
Whoever conducts a crawl holds its lock on a connection of its own, and loses it with its life.
"""
