"""Where messages go: the port `indexer.notify.ports.Channel`, three times.

webhook            to an address, signed
webhook_signature  signatures of Standard Webhooks
cloudevent         a message for programs: CloudEvents 1.0
command            to a program, on its standard input
apprise            to mail and chat services, of which the library Apprise knows more than a hundred

Each call is bounded in time and in size. What went wrong is a sentence without secrets: an address
may be one as a whole, so none is ever shown beyond its host.
"""
