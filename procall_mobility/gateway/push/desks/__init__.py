"""Where servers hand pushes in: each desk answers one interface, ours or another's."""
