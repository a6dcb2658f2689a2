"""Work that takes time: a few threads, a bounded queue, nothing for those who left."""
