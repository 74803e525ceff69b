"""What processes and machines share: locks on namespaces, rate limits, results of shards.

In: requests for a lock or a permit; results of shards.
Out: a lock, a permit, or how long to wait.
May not: outlive a dead process: its locks end with it, its permits time out.

locks          locks, one for each namespace that is crawled
shared_budget  a rate limit that machines share
shard_results  results of the shards of large crawls
hint_signal    tells the daemon that a hook has left a hint
"""
