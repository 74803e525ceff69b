"""A scheduled catalog indexer for Docker Hub namespaces, with a local database."""

__version__ = "0.1.0"
