"""What policies judge, and what they found: the port `indexer.policies.ports.EvaluationStore`.

In: violations that were found, and acknowledgements.
Out: changes that were not judged yet, with their evidence; violations.
May not: judge. It keeps how far the log was judged, in the transaction of what was found.

evaluation_store  answers the port
evidence          what ended what tags pointed to
present           what is there, for policies about that
policy_cursors    how far each policy has judged, and up to where can be judged
violations        violations, read and written
"""
