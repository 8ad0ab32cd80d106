"""The status page: what people see of a daemon in a browser, and the past of its figures."""
