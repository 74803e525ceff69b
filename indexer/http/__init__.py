"""HTTP: the only room that sends requests and retries them, with bounds on number, size and time.

In: a request to one origin.
Out: an answer with a bounded body (or one to be read in pieces) and its cost, or an error with a
     sentence.
May not: understand a body, know a registry, or send anything to another origin.

client           sends requests within the registry's rate limit, and retries
messages         requests, answers, and their cost
exchange         one request and its answer: bounded body; failures as sentences
session          a requests session with most of its features turned off
connection_pool  connections with a deadline for the whole answer; certificates
response_body    reads and unpacks bodies within bounds
origin           scheme, host and port of the one server that is asked
proxy            the proxy that the environment configures
address_class    how far an address reaches; connects only to those that a response may lead to
errors           what went wrong, as a sentence, and whether a retry may help
"""

from indexer.http.address_class import AddressClass, class_of_host
from indexer.http.client import HttpClient, user_agent
from indexer.http.connection_pool import ClientCertificate
from indexer.http.messages import Answer, BodyStream, CostMeter, Request, Undecodable
from indexer.http.origin import Origin, located

__all__ = [
    "AddressClass",
    "Answer",
    "BodyStream",
    "ClientCertificate",
    "CostMeter",
    "HttpClient",
    "Origin",
    "Request",
    "Undecodable",
    "class_of_host",
    "located",
    "user_agent",
]
