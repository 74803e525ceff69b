"""OCI distribution registries as sources: lists, digests, manifests, configurations.

In: a repository, a tag or a digest, and an account.
Out: names a page at a time, digests by `HEAD`, bodies that match their digest.
May not: send credentials to a realm that they are not for; know Docker Hub's own API.

OciSource (source)       a registry as a `Source`
  -> RegistryApi (api)   a page of a list, a digest, a manifest, a configuration
    -> TokenAuth (auth)  authenticates: challenge, realm, service and scope
      -> HttpClient      sends, with rate limit, retries and bounds

source             a registry as a `Source`
api                one registry's API
name_lists         pages of lists of names, to an end that is proven
registry_requests  sends what these ask, and says what a refusal means
redirects          where a redirect may lead
auth               authenticates requests: as each kind of them wants it
ways               how a kind of request wants to be authenticated
account            the account, and what refusals of it mean
connection         what all crawls of one registry with one account share
contents           a registry as a `ManifestSource`
layers             a registry as a `LayerSource`
www_authenticate   parses challenges. Pure, as the following modules
token_realm        which token service a challenge names
tokens             keeps tokens, and fetches each once
scopes             what tokens are for
token_request      the request for a token, with a password or an identity token
link_header        parses the link to the next page of a list
responses          decodes lists of names, tokens, errors
tag_selection      selects the tags that are asked for their digest
"""
