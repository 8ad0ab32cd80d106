"""A demo customer: a small UC server, a web client, and a program that runs both."""
