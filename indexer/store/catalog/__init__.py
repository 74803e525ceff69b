"""What the index is asked: the ports of `indexer.catalog`, and of `indexer.pins`."""
