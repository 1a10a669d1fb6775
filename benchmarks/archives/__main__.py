"""`python -m benchmarks.archives`: a module of its own, as its processes import what they run."""

from benchmarks.archives.unpacking import main

main()
