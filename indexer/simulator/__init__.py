"""A Docker Hub and its registry on loopback: for the demo, the tests and the benchmarks.

`Hub` is what people do things to, `Simulator` serves it. Nothing here knows the indexer.

    hub = Hub()
    hub.add_repository("library/alpine")
    hub.push("library/alpine", "latest")
    with Simulator(hub) as simulator:
        ...  # ask simulator.url
"""

from indexer.simulator.answering import Recorded
from indexer.simulator.clock import START, Clock, WallClock
from indexer.simulator.faults import (
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
from indexer.simulator.hub import Hub
from indexer.simulator.populate import a_day_of_pushes, populate
from indexer.simulator.quirks import ListQuirks, Quirks, RateLimit
from indexer.simulator.server import Simulator
from indexer.simulator.state import NoSuchThing

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
