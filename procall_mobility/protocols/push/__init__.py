"""Push: notifications, and what the providers that carry them are asked and answer."""
