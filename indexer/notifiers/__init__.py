"""Where messages go: the port `indexer.outbox.Notifier`, three times.

envelope  a message for programs: CloudEvents 1.0
signing   signatures of Standard Webhooks
webhook   to an address, signed
command   to a program, on its standard input
apprise   to mail and chat services, of which the library Apprise knows more than a hundred

Each call is bounded in time and in size. What went wrong is a sentence without secrets: an address
may be one as a whole, so none is ever shown beyond its host.
"""
