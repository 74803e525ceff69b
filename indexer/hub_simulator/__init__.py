"""A Docker Hub and its registry on loopback: for the demo, the tests and the benchmarks.

In: actions of users on a hub (`Hub`), and requests (`Simulator` serves them).
Out: answers as the Hub gives them, faults included, and `hub.events`: everything that happened.
May not: import the indexer. Only the demo, tests and benchmarks start it.

    hub = Hub()
    hub.add_repository("library/alpine")
    hub.push("library/alpine", "latest")
    with Simulator(hub) as simulator:
        ...  # ask simulator.url

actions:
hub                  the simulated Hub: pushes and deletions
hub_settings         settings: visibility, dates, counters
push                 makes a tag of a push
accounts             users, access tokens, organisations
events               what happened, in order
state                namespaces, repositories and tags
state_ledger         state, events and the clock, under one lock
webhooks             the payload that is posted at a push
clock                its time, which moves only when told to
populate             two namespaces for the demo
bulk_data            namespaces of any size for benchmarks
library_data         the namespace `library`, with its size of 2026
signed_manifests     signed manifests of schema 1
synthetic_manifests  generated manifests with correct digests

requests:
hub_api              the Docker Hub API, as docs/hub-facts.md has it
hub_lists            its lists: filtered, ordered, bounded; or old copies of them
hub_refusals         its error answers
log_in               its two log-in endpoints
audit_log            the audit log of an account
hub_json             the shapes of its JSON
pagination           lists in pages
registry             the registry: tokens, lists of tags, manifests; its quirks
quirks               how the Hub's answers may differ from the documentation
rate_limiter         its rate limit

serving:
server               the simulator: serves a hub at a loopback address
socket_server        sockets and threads
http                 the part of HTTP/1.1 that is needed
request_handler      answers requests, one at a time
response_cache       bodies that are made once and sent again
response_delivery    sends an answer: whole, in part, late, or not at all
faults               faults that can be injected
"""

from indexer.hub_simulator.clock import START, Clock, WallClock
from indexer.hub_simulator.faults import (
    Dropped,
    Fault,
    HtmlPage,
    Injection,
    Received,
    Redirect,
    Reset,
    Stall,
    Status,
    Trickle,
    TruncatedGzip,
    TruncatedJson,
)
from indexer.hub_simulator.hub import Hub
from indexer.hub_simulator.hub_lists import ListCopy, ListKind
from indexer.hub_simulator.library_data import library
from indexer.hub_simulator.populate import a_day_of_pushes, populate
from indexer.hub_simulator.quirks import (
    AS_THE_HUB,
    ListQuirks,
    OffsetBound,
    PullLimit,
    Quirks,
    RateLimit,
)
from indexer.hub_simulator.registry.quirks import RegistryQuirks
from indexer.hub_simulator.request_handler import Recorded
from indexer.hub_simulator.server import Simulator
from indexer.hub_simulator.state import NoSuchThing

__all__ = [
    "AS_THE_HUB",
    "START",
    "Clock",
    "Dropped",
    "Fault",
    "HtmlPage",
    "Hub",
    "Injection",
    "ListCopy",
    "ListKind",
    "ListQuirks",
    "NoSuchThing",
    "OffsetBound",
    "PullLimit",
    "Quirks",
    "RateLimit",
    "Received",
    "Recorded",
    "Redirect",
    "RegistryQuirks",
    "Reset",
    "Simulator",
    "Stall",
    "Status",
    "Trickle",
    "TruncatedGzip",
    "TruncatedJson",
    "WallClock",
    "a_day_of_pushes",
    "library",
    "populate",
]
