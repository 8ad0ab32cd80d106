"""The interface towards a customer's UCServer: the server link (Wire 5)."""
