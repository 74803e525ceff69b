"""Telling people what changed: events into messages, at least once, in order.

In: changes and violations from an `Outbox`, the sinks, the time.
Out: messages to channels, and for each sink how far it was told.
May not: tell what is not judged yet, show a secret, or let one sink delay another.

sink             to whom, of what, and how
event            a change, and what is known of it
batching         which changes become one message, and which become many
composer         events into a message
message          what is sent: its id, title, text, and data
message_text     titles and texts, where no template says otherwise
hidden_message   what is told of repositories that became hidden
templates        titles and texts of one's own (Jinja2, sandboxed)
payload          a message for programs
quiet_hours      hours in which nobody is told anything
ports            what a channel and an outbox promise
delivery         outbox -> batching -> composer -> channel
channels         where messages go
sample_events    one event of each kind, to try a sink
sample_messages  and one message of each
"""
