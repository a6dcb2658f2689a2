"""A network too large for one run, cut into partitions of whole connected parts that are answered one by one."""
