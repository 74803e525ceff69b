"""HTTP: the one place that sends requests, retries them, and bounds their number, size and time.

client   what is asked, how often, and what became of it
wire     one exchange: bounded bodies, and failures in words
session  requests, without its habits, over connections that keep deadlines
origin   scheme, host and port; nothing is ever asked of another
proxies  what the environment says of proxies
"""

from indexer.sources.http.asking import Answer, Meter, Request, Undecodable
from indexer.sources.http.client import HttpClient
from indexer.sources.http.deadline import ClientCertificate
from indexer.sources.http.origin import Origin, located

__all__ = [
    "Answer",
    "ClientCertificate",
    "HttpClient",
    "Meter",
    "Origin",
    "Request",
    "Undecodable",
    "located",
]
