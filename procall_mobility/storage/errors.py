"""What can go wrong with the store, in words for an operator."""

from procall_mobility.gateway.push.ports import NotReadable


class StoreError(Exception):
    """The store cannot do what was asked; the text says why and what helps."""


class PushesNotReadable(StoreError, NotReadable):
    """The queue's file cannot be read now."""
