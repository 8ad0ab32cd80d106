"""A small UC server: it dials out to the daemon and speaks the interface of the real one."""
