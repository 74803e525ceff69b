"""Lists, read from a source and settled: what there is, and what became of what is missing.

Nothing is decided about changes here, and nothing is written.

lists         one list to its end, and questions for what it does not hold
repositories  the repositories of a namespace
tags          the tags of a repository
"""

from indexer.reading.lists import read
from indexer.reading.repositories import RepositoriesRead, read_repositories
from indexer.reading.tags import TagsRead, read_tags

__all__ = ["RepositoriesRead", "TagsRead", "read", "read_repositories", "read_tags"]
