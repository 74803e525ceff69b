"""Manifests and configurations, kept by digest: the port `manifests.ports.ManifestStore`.

In: bodies that were read and fit their digest.
Out: the same, by digest, and whatever belongs to one repository.
May not: keep the same content twice, or hand one repository's private content to another's readers.

manifest_store       answers the port
contents             what tags point to, stored once
repository_contents  contents of one repository
referrers            what may refer to an image
"""
