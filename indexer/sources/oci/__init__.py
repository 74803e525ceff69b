"""OCI distribution registries as sources: lists, digests, manifests, configurations.

In: a repository, a tag or a digest, and an account.
Out: names a page at a time, digests by `HEAD`, bodies that their digest fits.
May not: send credentials to a realm that they are not for; know Docker Hub's own API.

OciSource (source)       what a crawl asks, and what the answers mean
  -> RegistryApi (api)   one request each: a page of a list, a digest, a manifest, a configuration
    -> TokenAuth (auth)  in whose name; challenge, realm, service and scope
      -> HttpClient      how often, how fast, how long, how much

source            what a crawl asks, and what the answers mean
api               one registry's API, a request each
auth              in whose name a registry is asked; tokens
connection        what all crawls of one registry in one name share
contents          the same registry as a place to fetch manifests from
www_authenticate  which proof a registry wants. Pure, as what follows
token_realm       where its tokens come from
link_header       where the next page of a list is
responses         lists of names, tokens, errors
tag_selection     which tags are asked for their digest
"""
