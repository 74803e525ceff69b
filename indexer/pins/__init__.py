"""Which images a file names, and whether what it pinned still holds.

In: the text of Dockerfiles, compose files, Kubernetes' objects and lists; what the index knows.
Out: pins with their lines, and a verdict on each.
May not: run or fetch anything that a file names, or pass over what it cannot read.

pin                 one image, where it stands, and what is said of it
variable_expansion  `${NAME:-default}`, as Dockerfiles and compose files have it
dockerfile_parser   a Dockerfile's instructions, line by line, as BuildKit splits them
dockerfile          the images of a Dockerfile: FROM, COPY --from, RUN --mount, its syntax
yaml_files          the images of YAML: compose files, Kubernetes' objects
file_kinds          what kind of file it is, and all of its images
verdict             what the index knows of a pin -> whether it holds
check               pins -> what the index knows -> verdicts; it decides nothing itself
"""
