"""What processes and machines share: locks on namespaces, rate limits, parts of large crawls."""
