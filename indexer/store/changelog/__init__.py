"""The log of changes: appended by crawls, queried and looked through by everybody else."""
