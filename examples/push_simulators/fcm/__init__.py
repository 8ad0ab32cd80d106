"""Firebase Cloud Messaging, HTTP v1, and Google's tokens for it."""
