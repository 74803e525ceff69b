"""HTTP: the one place that sends requests, retries them, and bounds their number, size and time.

In: a request to one origin.
Out: an answer with a bounded body and what it cost, or an error in words.
May not: understand a body, know a registry, or send anything to another origin.

client           what is asked, how often, and what became of it
messages         requests, answers, and what they cost
exchange         one request and its answer: bounded bodies, and failures in words
session          requests, without its habits, over connections that keep deadlines
connection_pool  connections whose answers have a deadline as a whole; certificates
response_body    bodies, read and unpacked within bounds
origin           scheme, host and port; nothing is ever asked of another
proxy            what the environment says of proxies
errors           what went wrong, in words, and whether trying again may help
"""

from indexer.http.client import HttpClient
from indexer.http.connection_pool import ClientCertificate
from indexer.http.messages import Answer, CostMeter, Request, Undecodable
from indexer.http.origin import Origin, located

__all__ = [
    "Answer",
    "ClientCertificate",
    "CostMeter",
    "HttpClient",
    "Origin",
    "Request",
    "Undecodable",
    "located",
]
