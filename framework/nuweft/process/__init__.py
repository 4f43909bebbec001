"""The running process: its threads, its memory, and how it is interrupted."""
