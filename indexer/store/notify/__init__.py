"""Who was told what: the port `indexer.notify.ports.Outbox`.

In: how far each sink was told, and what became of it.
Out: what each sink has not been told yet, in the order of the log.
May not: pass over an event, or decide what is told.

outbox  answers the port
"""
