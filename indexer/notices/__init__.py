"""What people are told: changes into messages. Pure.

news       a change, and what is known of it
sink       to whom, of what, and how
quiet      hours in which nobody is told anything
notice     a message: its id, title, text, and data
batch      which changes become one message, and which become many
wording    titles and texts, where no template says otherwise
templates  titles and texts of one's own (Jinja2, sandboxed)
records    a message for programs
samples    one of each kind, to try a sink
"""
