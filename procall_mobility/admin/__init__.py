"""What may whoever runs it ask of the daemon?

`verbs` answers the command line at the admin socket.  `watching` is where metrics, health and the
status page are asked for; `monitoring` and `status_page` put together what is told there.
"""
