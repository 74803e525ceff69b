"""Tags that must not be retagged or removed: what a policy says, and what is against it.

In: policies, changes and what is there, from an `EvaluationStore`.
Out: violations, with what speaks for each.
May not: tell anybody, or change what was crawled.

policy        what is forbidden, and for which tags
rules         changes, and what is there, against policies
violation     what was found, with what speaks for it
evidence      what is judged
ports         what an evaluation asks of the store
hub_settings  what Docker Hub itself calls immutable
evaluation    evidence -> rules -> violations, kept; it decides nothing itself
"""
