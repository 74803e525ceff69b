"""OCI distribution registries as sources: lists, digests, manifests, configurations.

OciSource (source)       what a crawl asks, and what the answers mean
  -> RegistryApi (api)   one request each: a page of a list, a digest, a manifest, a configuration
    -> Doorkeeper (door) in whose name; the dance of challenge, realm, service and scope
      -> HttpClient      how often, how fast, how long, how much
challenge, links, answers, selecting                  pure
"""
