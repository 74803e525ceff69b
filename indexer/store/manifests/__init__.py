"""Manifests and configurations, kept once by what they are: the port `manifests.ports.Library`."""
