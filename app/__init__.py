"""What a person meets: the command line and, later, the windows; it joins all other parts."""
