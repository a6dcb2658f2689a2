"""A whole city on a page: what is seen first stands in it, the rest in vector tiles and in a file fetched later."""
