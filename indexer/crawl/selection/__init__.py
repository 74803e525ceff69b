"""Selects the repositories that a crawl opens although nothing new is known of them. Pure.

In: which crawl last read each repository, when, and how often its tags changed unnoticed.
Out: which of them to open, in which order, and why.
May not: read a repository, a clock or a database.

cycle             how a full or verify crawl that was cut short is continued
verify_selection  which repositories to verify first, by their estimated rate of change
"""
