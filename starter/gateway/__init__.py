"""The HTTP gateway: the same doors as the command line's, for other systems and for people's browsers (contract, 9)."""
