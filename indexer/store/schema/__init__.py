"""What is kept: tables, reporting views, their version, and values as the tables hold them."""
