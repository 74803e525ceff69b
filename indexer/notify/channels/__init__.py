"""Where messages go: the port `indexer.notify.ports.Channel`, three times.

In: a message.
Out: it is delivered, or what went wrong, in a sentence.
May not: take for ever, answer with more than is read, or show a secret. An address may be one as
a whole, so none is ever shown beyond its host.

webhook            to an address, signed
webhook_signature  signatures of Standard Webhooks
cloudevent         a message for programs: CloudEvents 1.0
command            to a program, on its standard input
apprise            to mail and chat services, of which the library Apprise knows more than a hundred
"""
