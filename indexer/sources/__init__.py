"""Registries, each behind the `Source` port of `indexer.crawl.ports`.

In: what a crawl asks of a namespace; accounts.
Out: pages of repositories and tags, as values of the model; errors that say what is missing.
May not: let a registry's own format out, send credentials where they do not belong, or retry.

docker_hub     Docker Hub's own API
oci            any registry of OCI's distribution specification; Docker Hub's too, for manifests
docker_config  the credentials that `docker login` left behind
json_decoding  bodies into shapes
"""
