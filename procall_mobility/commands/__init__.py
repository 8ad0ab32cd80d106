"""What can an operator tell it to do?  The groups of commands behind `cli`."""
