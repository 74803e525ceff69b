"""Finds the images that a file names, and checks them against the index.

In: files that name images, of the kinds in `file_kinds`; the index.
Out: pins with their lines, and a verdict on each.
May not: run or fetch anything that a file names, or skip silently what it cannot read.

pin                 one image that a file names, and the result of checking it
variable_expansion  `${NAME:-default}`, in Dockerfiles and compose files
dockerfile_parser   splits a Dockerfile into instructions, as BuildKit does
dockerfile          the images of a Dockerfile: FROM, COPY --from, RUN --mount, its syntax
compose             the images of a compose file
compose_project     what the files of a compose project say of a service
kubernetes          the images of Kubernetes objects
ci                  workflows of GitHub, pipelines of GitLab
hcl                 bake files of Docker, Terraform
devcontainer        the images and features of development containers
quadlet             the images of Podman's quadlets
helm_values         the images in the values of Helm charts
helm_parameters     values of Helm charts that are set one by one
argo_cd             the images that Argo CD puts in
flux                the images that Flux puts in
kustomize           the images that Kustomize puts in
pod_status          which image a running container has
docker_inspect      the images of a machine, as docker, podman and crictl print them
list_file           the images of a list
source_file         a file: its name, its text, its YAML
yaml_composer       composes YAML's events to nodes, of lists one item at a time
yaml_nodes          reads YAML to nodes with their lines
digest_search       images with a digest, wherever they stand
image_names         reads what stands where an image is expected
file_kinds          detects the kind of a file, and finds its images
arguments           reads what `check` is given: images, files, standard input
verdict             decides whether a pin still holds, from the evidence
live                compares verdicts with what the registries themselves say
min_age             digests that are younger than is asked for, and what to use instead
outdated            newer versions of the images
watchlist           entries of the configuration that cover the images in use
check               pins -> evidence from the index -> verdicts; it decides nothing itself
"""
