"""Where indexes come from: registries, each behind the `Source` port of `indexer.crawl.ports`.

docker_hub     Docker Hub's own API
oci            any registry of OCI's distribution specification; Docker Hub's too, for manifests
docker_config  the credentials that `docker login` left behind
json_decoding  bodies into shapes
"""
