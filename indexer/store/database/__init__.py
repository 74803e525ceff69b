"""Connections to SQLite and PostgreSQL, set up alike, and what each says in its own words."""
