"""Docker Hub as a source.

In: a namespace or a repository to list, and an account.
Out: pages of repositories and tags, with dates, platforms and digests.
May not: let the Hub's JSON out: only `responses`, `records` and `images` read it.

source           the Hub's API as a `Source`: requests, and what statuses mean
auth             logs in, and keeps the token
responses        decodes the Hub's JSON
records          turns the Hub's tags and repositories into model values
images           turns the images of tags into platforms
bounds           bounds single values, so that any database can store them
audit_log        reads the audit log of an organisation
timestamps       parses its dates
digest_resolver  asks the registry for digests of tags that the Hub lists without one
"""
