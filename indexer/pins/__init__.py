"""Finds the images that a file names, and checks them against the index.

In: the text of Dockerfiles, compose files, Kubernetes objects and lists; the index.
Out: pins with their lines, and a verdict on each.
May not: run or fetch anything that a file names, or skip silently what it cannot read.

pin                 one image that a file names, and the result of checking it
variable_expansion  `${NAME:-default}`, in Dockerfiles and compose files
dockerfile_parser   splits a Dockerfile into instructions, as BuildKit does
dockerfile          the images of a Dockerfile: FROM, COPY --from, RUN --mount, its syntax
yaml_nodes          reads YAML to nodes with their lines
yaml_files          the images of YAML: compose files, Kubernetes objects
file_kinds          detects the kind of a file, and finds its images
verdict             decides whether a pin still holds, from the evidence
check               pins -> evidence from the index -> verdicts; it decides nothing itself
"""
