"""``python -m nuweft``."""

from nuweft.cli import main

main()
