"""A Docker Hub and its registry on loopback: for the demo, the tests and the benchmarks.

`Hub` is what people do things to, `Simulator` serves it. Nothing here knows the indexer.

    hub = Hub()
    hub.add_repository("library/alpine")
    hub.push("library/alpine", "latest")
    with Simulator(hub) as simulator:
        ...  # ask simulator.url
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
from indexer.hub_simulator.populate import a_day_of_pushes, populate
from indexer.hub_simulator.quirks import ListQuirks, Quirks, RateLimit
from indexer.hub_simulator.request_handler import Recorded
from indexer.hub_simulator.server import Simulator
from indexer.hub_simulator.state import NoSuchThing

__all__ = [
    "START",
    "Clock",
    "Dropped",
    "Fault",
    "HtmlPage",
    "Hub",
    "Injection",
    "ListQuirks",
    "NoSuchThing",
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
    "populate",
]
