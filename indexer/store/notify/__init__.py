"""Who was told what: the port `indexer.notify.ports.Outbox`."""
