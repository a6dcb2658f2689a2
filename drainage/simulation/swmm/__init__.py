"""EPA SWMM: a network and a storm composed for it, run in processes of its own, and its answers read."""
