"""Runs: tiles painted in order by an engine and kept in a store; records of what was done."""
