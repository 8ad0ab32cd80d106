"""What can go wrong with the store, in words for an operator."""


class StoreError(Exception):
    """The store cannot do what was asked; the text says why and what helps."""
