"""What does SIGHUP change?  The settings file read again, and put in force all of it or nothing.

`table` says of each setting whom a change reaches, or why it waits for a restart.  `reloader` has
every part of the house prepare and then commit; `parts` are those parts, above all that they are
made of.
"""
