"""How often a registry may be asked: its rate limit, kept alone or shared by several machines.

In: what a registry says of its limit in its answers; who wants to send a request.
Out: leave to send it, after a wait; an error where the wait would be too long.
May not: send anything, or know which registry it is for.

limiter         the gate that every request to one registry in one name passes
header_parser   what a registry says of its limit in its answers
ports           the port for a limit that machines share
shared_budget   what such a limit permits, by what each machine was told. Pure
shared_limiter  the gate of a registry whose limit is shared
"""
