"""Policies: tags that must not be retagged or removed, pinned digests, required signatures.

In: policies, changes and present tags, from an `EvaluationStore`.
Out: violations, with their evidence.
May not: notify anybody, or change what was crawled.

policy         what is forbidden or required, and for which tags
rules          judges changes and present tags by a policy
violation      what was found, with its evidence
evidence       the input of the rules
ports          what an evaluation needs from the store
signed_images  asks registries what refers to images that must be signed
hub_settings   asks Docker Hub which tags it makes immutable
looks          decides where policies about present tags look
present_tags   judges present tags there
blind_spots    what policies cannot see
evaluation     evidence -> rules -> violations, stored; it decides nothing itself
"""
