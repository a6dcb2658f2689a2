"""What is asked: parameters, filters, times and coordinate systems, read and checked before anything is done."""
