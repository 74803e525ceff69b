"""The index over HTTP: the catalog that Docker Hub does not have, an API, feeds, metrics, pages."""
