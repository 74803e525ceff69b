"""Two namespaces for the demo, and a day of pushes to them.

Deterministic: the same on every machine and in every run, except for the hub's clock.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from indexer.hub_simulator.events import Event
    from indexer.hub_simulator.hub import Hub

TEAM = "acme"
COMMUNITY = "tinkers"

DAY_SECONDS = 24 * 3600


class Plan(NamedTuple):
    """A repository of the demo.

    Attributes:
        description: in words.
        releases: how many versions it has.
        flavours: suffixes of further tags for each version.
        platforms: for how many platforms it is built.
    """

    description: str
    releases: int
    flavours: tuple[str, ...] = ()
    platforms: int = 2


TEAM_PLANS = {
    "api": Plan("The public API", 64, ("alpine", "bookworm", "slim"), 2),
    "web": Plan("The shop's front end", 60, ("alpine",)),
    "worker": Plan("Jobs that take their time", 24, ("alpine",)),
    "scheduler": Plan("Starts the jobs", 12),
    "gateway": Plan("In front of everything", 18, ("debug",), 4),
    "auth": Plan("Who are you?", 15),
    "billing": Plan("Invoices and reminders", 11),
    "search": Plan("The index of the shop", 9, ("jdk17", "jdk21")),
    "images": Plan("Makes pictures smaller", 14, (), 3),
    "mailer": Plan("Sends what billing wrote", 7),
    "metrics": Plan("Counters for all of the above", 10, (), 4),
    "proxy": Plan("nginx with our certificates", 22, ("alpine",), 6),
    "base": Plan("What the others are built from", 40, ("bookworm", "trixie"), 6),
    "builder": Plan("The toolchain of the pipelines", 13, ("go", "node", "python"), 2),
    "migrations": Plan("Moves the database along", 8),
    "backup": Plan("Dumps, nightly", 6),
    "restore": Plan("The other half of backup", 5),
    "fixtures": Plan("Data for tests", 4, (), 1),
    "load-test": Plan("Ten thousand customers at once", 3, (), 1),
    "docs": Plan("The handbook", 17),
    "status": Plan("The page that is always green", 6),
    "cdn-purge": Plan("Empties caches", 3),
    "exporter": Plan("For the accountants", 5),
    "legacy-shop": Plan("Do not touch", 2, (), 1),
    "sandbox": Plan("Whatever you like", 0),
}

_TOOLS = ("backup", "bridge", "cache", "dash", "feed", "proxy", "sync", "timer")
_THINGS = ("camera", "garden", "heater", "printer", "radio", "router", "solar", "weather")
COMMUNITY_PLANS = {
    f"{thing}-{tool}": Plan(
        f"A {tool} for your {thing}",
        releases=1 + (5 * row + 3 * column) % 7,
        flavours=("alpine",) if (row + column) % 3 == 0 else (),
        platforms=1 + (row + 2 * column) % 5,
    )
    for row, thing in enumerate(_THINGS)
    for column, tool in enumerate(_TOOLS)
}


def populate(hub: Hub) -> None:
    """Fill a hub with a team's 25 repositories and a community's 64: some three years of work.

    The team's `api` has more than 250 tags, its `legacy-shop` tags as they were long ago, and its
    `payments` is private.
    """
    present = hub.clock.now()
    for namespace, plans in ((TEAM, TEAM_PLANS), (COMMUNITY, COMMUNITY_PLANS)):
        for index, (name, plan) in enumerate(plans.items()):
            _fill(hub, f"{namespace}/{name}", plan, present - timedelta(hours=5 * index + 7))
    hub.add_repository(f"{TEAM}/payments", private=True, description="Ask before you look")
    hub.push(f"{TEAM}/payments", "1.0.0", at=present - timedelta(days=20))
    hub.push(
        f"{TEAM}/legacy-shop", "2014", platforms=1, form="bare", at=present - timedelta(days=4_000)
    )
    hub.set_date(f"{TEAM}/legacy-shop", present - timedelta(days=900))


def a_day_of_pushes(hub: Hub) -> tuple[Event, ...]:
    """Let a working day pass, and return its events.

    It has releases that retag `latest`, a retagged release in which one platform differs, a removed
    tag, a new repository, a removed one, and pulls, which change nothing.
    """
    before = len(hub.events)
    hour = DAY_SECONDS / 9
    hub.clock.advance(hour)
    api, proxy, base = f"{TEAM}/api", f"{TEAM}/proxy", f"{TEAM}/base"
    for flavour in ("", "-alpine", "-bookworm", "-slim"):
        hub.push(api, f"{_version(64)}{flavour}")
        hub.copy_tag(api, f"{_version(64)}{flavour}", f"latest{flavour}")
    hub.clock.advance(hour)
    hub.rebuild(proxy, _version(20), 0)
    hub.clock.advance(hour)
    hub.retag(base, "latest")
    hub.pull(base, "latest")
    hub.clock.advance(hour)
    hub.delete_tag(f"{TEAM}/web", _version(3))
    hub.clock.advance(hour)
    hub.add_repository(f"{TEAM}/checkout", description="The last step, taken out of web")
    hub.push(f"{TEAM}/checkout", "0.1.0", platforms=2)
    hub.copy_tag(f"{TEAM}/checkout", "0.1.0", "latest")
    hub.clock.advance(hour)
    hub.remove_repository(f"{TEAM}/load-test")
    hub.clock.advance(hour)
    hub.push(f"{COMMUNITY}/solar-dash", "nightly", platforms=3)
    hub.retag(f"{COMMUNITY}/weather-feed", "latest")
    hub.clock.advance(hour)
    for name in ("camera-sync", "radio-timer", "router-proxy"):
        hub.pull(f"{COMMUNITY}/{name}", "latest")
    hub.clock.advance(hour)
    return hub.events[before:]


def _fill(hub: Hub, name: str, plan: Plan, newest: datetime) -> None:
    """Make a repository and its releases, the last one at `newest`."""
    hub.add_repository(name, description=plan.description, last_updated=newest)
    for release, date in _dates(plan.releases, newest):
        for number, flavour in enumerate(("", *(f"-{flavour}" for flavour in plan.flavours))):
            at = date + timedelta(minutes=4 * number)
            hub.push(name, _version(release) + flavour, platforms=plan.platforms, at=at)
            if release == plan.releases - 1:
                hub.copy_tag(name, _version(release) + flavour, f"latest{flavour}", at=at)


def _dates(releases: int, newest: datetime) -> Iterator[tuple[int, datetime]]:
    """The dates of releases, at irregular intervals."""
    for release in range(releases):
        back = releases - 1 - release
        uneven = timedelta(minutes=197 * back % 480, microseconds=104_729 * back % 1_000_000)
        yield release, newest - timedelta(days=11 * back) - uneven


def _version(release: int) -> str:
    """The version of a release: each a patch, every eighth a minor, every 32nd a major version."""
    return f"{1 + release // 32}.{release // 8 % 4}.{release % 8}"
