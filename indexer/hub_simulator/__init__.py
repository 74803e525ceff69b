"""A Docker Hub and its registry on loopback: for the demo, the tests and the benchmarks.

In: what people do to a hub (`Hub`), and requests (`Simulator` serves them).
Out: answers as the Hub's, faults included, and `hub.events`, the truth of what happened.
May not: import the indexer. Only the demo, tests and benchmarks start it.

    hub = Hub()
    hub.add_repository("library/alpine")
    hub.push("library/alpine", "latest")
    with Simulator(hub) as simulator:
        ...  # ask simulator.url

what people do:
hub                  the simulated Hub: pushes and deletions
hub_settings         what people set on it besides: visibility, dates, counters
push                 from a push to a tag
accounts             users, access tokens, organisations
events               what happened, in order
state                what it holds
state_ledger         its books: what it holds, and what happened to it
webhooks             what is posted at a push
clock                its time, which stands still until it is told to move
populate             two namespaces to show the program with
bulk_data            namespaces of any size for benchmarks
library_data         the namespace `library`, as big as it was in 2026
synthetic_manifests  content that does not exist, with digests that are right

what is asked:
hub_api              the Docker Hub API, as docs/hub-facts.md has it
hub_lists            its lists: filtered, ordered, bounded
hub_refusals         how it says no
log_in               its two log-ins
audit_log            who did what in an account
hub_json             its JSON, field by field
pagination           lists in pages
registry_api         the registry: tokens, lists of tags, manifests
quirks               how it may differ from its documentation
rate_limiter         its rate limit

how it is answered:
server               the simulator: a hub behind a loopback address
socket_server        sockets and threads
http                 HTTP/1.1, as far as that needs it
request_handler      one request, one answer
response_cache       bodies that are made once and sent often
response_delivery    whole, in part, late, or not at all
faults               what can go wrong on the way
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
    "ListQuirks",
    "NoSuchThing",
    "OffsetBound",
    "PullLimit",
    "Quirks",
    "RateLimit",
    "Received",
    "Recorded",
    "Redirect",
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
