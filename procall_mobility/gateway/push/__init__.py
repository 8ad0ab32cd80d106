"""How does a push get to its device?  Taken, kept, sent by its lane, and its end told.

`pipeline` is the whole of it.  Servers hand pushes in at `desks`; `applications` say which lane
leads to a device, `lane` is one of them, and `providers` are spoken to as each wants it.
"""
