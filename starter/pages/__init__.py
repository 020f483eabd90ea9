"""What people read: an incident, its record, a list, numbers to call. Values in, lines out; nothing is asked here."""
