"""`python -m krm_fn`: the same as the `krm-fn` command."""

import sys

from krm_fn.main import main

if __name__ == "__main__":
    sys.exit(main())
