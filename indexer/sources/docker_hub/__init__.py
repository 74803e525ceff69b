"""Docker Hub as a source.

In: a namespace or a repository to list, and an account.
Out: pages of repositories and tags, with dates, platforms and digests.
May not: let the Hub's JSON out: `responses` reads it, and nobody else does.

source           what a crawl asks, and what the answers mean
auth             in whose name; log-ins
responses        one place that reads the Hub's JSON
records          tags and repositories as the Hub writes them
timestamps       its dates
digest_resolver  digests of tags that the Hub lists without one, asked of its registry
"""
