"""OCI distribution registries as sources: lists, digests, manifests, configurations.

OciSource (source)       what a crawl asks, and what the answers mean
  -> RegistryApi (api)   one request each: a page of a list, a digest, a manifest, a configuration
    -> Doorkeeper (auth) in whose name; the dance of challenge, realm, service and scope
      -> HttpClient      how often, how fast, how long, how much
contents                 the same registry as a place to fetch manifests from
connection               what all crawls of one registry in one name share
www_authenticate, token_realm, link_header, responses, tag_selection
                         pure
"""
