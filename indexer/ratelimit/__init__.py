"""Keeps to a registry's rate limit, alone or shared by several machines.

In: what a registry's answers say of its limit; requests to be sent.
Out: a permit to send, after a wait; an error where the wait would be too long.
May not: send anything, or know which registry it serves.

limiter        makes the requests to one registry for one account wait, in turns
ports          what a budget promises: whether a request may be sent now, or when to ask again
local_budget   the limit as one process sees it
shared_budget  the limit that machines share, from the answers that each of them got. Pure
backoff        how long both budgets wait after a 429
header_parser  what a registry's headers say of its limit
"""
