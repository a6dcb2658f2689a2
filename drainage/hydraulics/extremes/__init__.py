"""Statistics of the greatest rains of each year: distributions, their quantiles, the formula that goes through them."""
