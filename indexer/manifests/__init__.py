"""What a digest names, read and fetched: manifests, indexes, configurations.

In: bodies that a registry sent, and digests to ask for.
Out: what they are made of, as values; kept by a `ManifestStore`.
May not: trust a body that its digest does not fit, or interpret a media type that it does not know.

manifest_parser     a manifest's body -> what it is made of
manifest_digest     which digest it has, old signed ones included
image_config        an image's configuration -> what people ask of it
media_types         the media types that are interpreted, and what each means
platform_selection  which image of an index is meant
base_image          what an image was built on
referrers           signatures, attestations and whatever else refers to an image
retag_kind          what kind of move a retag is
companion_tags      tags that other tools keep for themselves
untrusted_json      JSON that others wrote, taken apart
ports               what a store of manifests and a registry of them promise
fetch               manifests, from the index where it keeps them, else from a registry
prefetch            fetches what a crawl is told to fetch, inside the limit for pulls
inspect             one image: from the index where it is known, else from its registry

Sizes are bounded before a body gets here. What cannot be read is `NotReadable`, with a sentence.
"""
