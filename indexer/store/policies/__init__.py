"""Stores evidence and violations for policies: the port `policies.ports.EvaluationStore`.

In: findings, and acknowledgements.
Out: changes that were not judged yet, with their evidence; violations.
May not: judge. A policy's cursor is written in the same transaction as its findings.

evaluation_store  implements the port
evidence          reads the changes that ended periods of tags
present           reads present tags
policy_cursors    how far each policy has judged, and up to where it may judge
state_findings    stores what policies about present tags found, and where they must look
violations        writes violations, and finds those of changes
"""
