"""`python -m streams.cli`, the same as `ocrstream`."""

from streams.cli.main import main

main()
