"""What support needs to know, in one file that a person can read, and nothing that is secret.

Everything in it is on a list of what may be shown; whatever is on none is left out, and that is
said.
"""
