"""How does it begin, and how does it end?

`daemon` is the whole service, with what is done again and again (`rounds`) while it runs;
`draining` lets what is under way come to its end first.
"""
