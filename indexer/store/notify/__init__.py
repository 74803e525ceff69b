"""Stores how far each sink was notified: the port `indexer.notify.ports.Outbox`.

In: each sink's progress, and the outcome of each message.
Out: what is still to be sent to each sink, in the order of the log.
May not: skip an event, or decide what is sent.

outbox         implements the port
begun_message  stores a message before it is sent
"""
