"""Stores manifests and configurations by digest: the port `manifests.ports.ManifestStore`.

In: parsed bodies that match their digest.
Out: content by digest, and the content of one repository.
May not: store the same content twice, or show one repository's private content to readers of
others.

manifest_store       implements the port
contents             stores what tags point to, each content once
repository_contents  reads the content of one repository
inside               what is inside: settings, layers, labels, in columns
referrer_lists       what refers to images, as registries list it
referrers            reads manifests that may refer to an image
"""
