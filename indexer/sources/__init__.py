"""Registries, each behind the `Source` port of `indexer.crawl.ports`.

In: the requests of a crawl; accounts.
Out: pages of repositories and tags, as model values; errors that say what is missing.
May not: let a registry's own format out, send credentials to the wrong host, or retry.

docker_hub     Docker Hub's own API
oci            any OCI distribution registry; Docker Hub's too, for manifests
docker_config  reads the credentials that `docker login` stored
json_decoding  decodes JSON bodies into given shapes
"""
