"""Which way water flows in a line as drawn: by its ids, by the levels of its neighbours, and of whole layers."""
