"""What processes and machines share: locks on namespaces, rate limits, shards of large crawls.

In: who wants to crawl, to send a request, or to hand in a shard.
Out: a lock, a permit, or how long to wait.
May not: outlive a process that died: a lock ends with it, a permit after its time.

locks          one crawl of a namespace at a time
shared_budget  a rate limit that machines share
shard_results  what became of the shards of large crawls
"""
