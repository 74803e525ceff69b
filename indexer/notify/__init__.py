"""Notifies sinks of changes: turns events into messages, delivered at least once, in order.

In: changes and violations from an `Outbox`, the sinks, the time.
Out: messages to channels, and for each sink how far it was notified.
May not: send what is not judged yet, show a secret, or let one sink delay another.

sink             who is notified, of what, and how
event            a change, and what is known of it
batching         which changes get a message each, and which a summary
composer         turns events into a message
message          what is sent: its id, title, text, and data
message_text     the default titles and texts
links            where people go from a message: pages, and commands
hidden_message   the message about repositories that became hidden
templates        user-defined titles and texts (Jinja2, sandboxed)
payload          the JSON of a message
quiet_hours      hours in which nothing is sent
ports            what a channel and an outbox must provide
delivery         outbox -> batching -> composer -> channel
channels         the means by which messages are sent
sample_events    one event of each kind, to try a sink
sample_messages  one message of each kind, to try a sink
"""
