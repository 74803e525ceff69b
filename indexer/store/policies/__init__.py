"""What policies judge, and what they found: the port `indexer.policies.ports.EvaluationStore`."""
