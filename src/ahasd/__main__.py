"""``python -m ahasd`` is the command ``ahasd``."""

from ahasd.cli import main

if __name__ == "__main__":
    main()
