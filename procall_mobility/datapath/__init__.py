"""How does media fly?  A program in the kernel relays bound channels; we tell it which."""
