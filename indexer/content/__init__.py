"""What a digest names, read: manifests, indexes, configurations. Pure.

media      the media types that are interpreted, and what each means
manifests  a manifest's body -> what it is made of; its digest, old signed ones included
images     an image's configuration -> what people ask of it
platforms  which image of an index is meant
naming     tags that other tools keep for themselves
retags     what kind of move a retag is

A registry's word for any of it is not trusted: a body is verified against the digest that it was
asked by, its size is bounded before it gets here, and what cannot be read is `NotReadable`, with
a sentence. What nobody knows is recorded with its media type and not interpreted.
"""
