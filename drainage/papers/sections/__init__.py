"""Long sections: the way, its numbers, and the drawing of them."""
