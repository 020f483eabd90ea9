"""The commands, a file each; each has a `command`. What they do beyond asking and printing lives a room above."""
