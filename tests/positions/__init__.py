"""Places as arrays, and shapes that are drawn when somebody asks for them."""
