"""The means by which messages are sent: implementations of `indexer.notify.ports.Channel`.

In: a message.
Out: it is delivered; else an error with a sentence.
May not: take for ever, read more of an answer than needed, or show a secret. A whole address
may be secret, so only its host is ever shown.

webhook            HTTP POST to a URL, signed
webhook_signature  signatures of Standard Webhooks
cloudevent         the body of a webhook: CloudEvents 1.0
command            runs a program with the message on its standard input
apprise            mail and chat services, more than a hundred, through the library Apprise
"""
