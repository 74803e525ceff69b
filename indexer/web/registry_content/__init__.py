"""`/v2/…/manifests/` and `/v2/…/blobs/`: what is stored, fetched on demand, or passes through.

In: a repository, and a tag or digest.
Out: manifests, configurations, layers, and errors in the specification's form.
May not: decide what belongs to a repository (the index does), or keep a layer.

manifests_and_blobs  manifests and configurations, fetched on demand; layers that pass through
layer_response       passes on the bytes of a layer
refusals             errors of `/v2/`
"""
