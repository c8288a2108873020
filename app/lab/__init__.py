"""Experiments that anyone can repeat; each writes its tables and pictures to a folder."""
