"""What is put together of several rooms?  Below `service`, which puts the whole house together.

`terms` hands on what the settings say, `entrances` and `doors` are where people come in; `push`
and `turn` are the push gateway and the relay, ready to be started.
"""
