"""How often a registry may be asked: its rate limit, kept alone or shared by several machines.

In: what a registry says of its limit in its answers; who wants to send a request.
Out: leave to send it, after a wait; an error where the wait would be too long.
May not: send anything, or know which registry it is for.

limiter        the gate that every request to one registry in one name passes: it waits, in turns
ports          what a budget promises: may this request be sent, and if not, when to ask again
local_budget   the limit as one process sees it
shared_budget  the limit that machines share, by what each of them was told. Pure
backoff        what both keep to after a 429
header_parser  what a registry says of its limit in its answers
"""
