"""One carrier for each provider, and how applications of it are made."""
