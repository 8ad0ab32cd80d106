"""What is so on this machine: looked at, not judged; nothing is changed."""
