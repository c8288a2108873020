"""Scripts that make the sample worlds beside them; nothing in the program imports this."""
