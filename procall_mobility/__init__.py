"""ProCall Mobility: lets the users of a company's UC server work from outside the company."""

__version__ = "0.1.0"
