"""Reads and fetches what a digest names: manifests, indexes, configurations.

In: bodies that a registry sent, and digests to fetch.
Out: their content as values; kept by a `ManifestStore`.
May not: trust a body that does not match its digest, or interpret an unknown media type.

manifest_parser     parses a manifest's body
content_type        names what a manifest is: an image, a Helm chart, a model
manifest_digest     computes its digest, signed schema 1 included
image_config        parses an image's configuration
image_contents      what a configuration says of how an image runs, and its labels
image_comparison    what is inside two digests, compared
media_types         the media types that are interpreted
platform_selection  selects one image of an index
base_image          what an image was built on
referrers           signatures, attestations and other manifests that refer to an image
signatures          what refers to an image, named as what it is
referrer_reader     asks a registry what refers to an image
retag_kind          how the two contents of a retag differ
companion_tags      tags that signing tools create beside an image
untrusted_json      parses JSON from outside
ports               what a store of manifests and a registry must provide
fetch               reads manifests from the index, else from a registry
prefetch            fetches the manifests that a crawl should fetch, within the pull limit
on_demand           fetches what a client asks for and the index does not hold
inspect             one image in detail: from the index, else from its registry

Sizes are bounded before a body gets here. `NotReadable` says, in a sentence, what is unreadable.
"""
