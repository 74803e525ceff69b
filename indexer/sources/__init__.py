"""Registries, each behind the `Source` port of `indexer.crawl.ports`.

In: the requests of a crawl; accounts.
Out: pages of repositories and tags, as model values; errors that say what is missing.
May not: let a registry's own format out, send credentials to the wrong host, or retry.

docker_hub          Docker Hub's own API
oci                 any OCI distribution registry; Docker Hub's too, for manifests
credential_recipients  where credentials may go
docker_config       finds the login that docker, podman or skopeo keep
docker_config_keys  which keys of such a file are of a registry
credential_helper   asks a program that keeps logins
next_page           the address of the next page of a list
json_decoding       decodes JSON bodies into given shapes
"""
