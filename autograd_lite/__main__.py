"""``python -m autograd_lite``: the same as ``autograd-lite``.

Here the trail ends.
"""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
