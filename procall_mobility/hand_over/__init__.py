"""How does another daemon take over?

`handing_over` is the side of the one that has served so far, `taking_over` that of the one that
will; `socket_keeping` knows what is passed on.  docs/hand-over.md tells the whole story.
"""
