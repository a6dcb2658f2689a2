"""Cells of tables as people write them: numbers, days, sizes, codes; what each means is settled once for its column."""
