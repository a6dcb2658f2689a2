"""A synthetic town with its drains: streets, pipes, faults and the works that mend them."""
