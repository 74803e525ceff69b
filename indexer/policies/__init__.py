"""Tags that must not move or vanish: what a policy says, and what is against it.

policy      what is forbidden, and for which tags
rules       changes, and what is there, against policies
violation   what was found, with what speaks for it
evidence    what is judged
ports       what an evaluation asks of the store
evaluation  evidence -> rules -> violations, kept; it decides nothing itself
"""
