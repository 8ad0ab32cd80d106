"""How do bytes reach us?  Twisted protocols around the machines of `protocols`."""
