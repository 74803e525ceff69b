"""Tags that must not move or vanish: what a policy says, and what is against it. Pure.

violation  what was found, with its evidence
policy     what is forbidden, and for which tags
judging    changes, and what is there, against policies
immutable  the Hub's own word for tags that cannot move
"""
