"""Where indexes come from: registries, each behind the `Source` port of `indexer.ports`.

HubSource (hub)          what to ask, and what a status means
  -> Keeper (auth)       in whose name; log-ins
    -> HttpClient (http) how often, how fast, how long, how much
  -> decoding            one place that reads the Hub's JSON
"""
