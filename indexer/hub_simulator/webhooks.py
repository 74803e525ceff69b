"""The payload of a repository's webhooks, which the Hub posts at a push but not at a deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from indexer.hub_simulator.state import Held, Repo


def payload(repo: Repo, held: Held, at: datetime) -> Mapping[str, object]:
    """The payload for a push (documented; times are seconds since 1970)."""
    item = repo.item
    created = item.date_registered
    return {
        "callback_url": f"https://registry.hub.docker.com/u/{repo.name}/hook/simulated/",
        "push_data": {
            "pushed_at": int(at.timestamp()),
            "pusher": held.tag.last_updater_username,
            "tag": held.tag.name,
        },
        "repository": {
            "comment_count": 0,
            "date_created": int(created.timestamp()) if created else 0,
            "description": item.description,
            "full_description": repo.full_description,
            "is_official": item.namespace == "library",
            "is_private": item.is_private,
            "is_trusted": False,
            "name": item.name,
            "namespace": item.namespace,
            "owner": item.namespace,
            "repo_name": repo.name,
            "repo_url": f"https://registry.hub.docker.com/r/{repo.name}",
            "star_count": item.star_count,
            "status": "Active",
        },
    }
