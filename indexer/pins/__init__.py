"""Which images a file names, and whether what it pinned still holds. Pure.

pin          one image, where it stands, and what is said of it
variables    `${NAME:-default}`, as Dockerfiles and compose files have it
instructions a Dockerfile's instructions, line by line, as BuildKit splits them
dockerfiles  the images of a Dockerfile: FROM, COPY --from, RUN --mount, its syntax
documents    the images of YAML: compose files, Kubernetes' objects
files        what kind of file it is, and all of its images
verdicts     what the index knows of a pin -> whether it holds

Files are others' work: what cannot be read is said, with its line, and never run or fetched.
"""
