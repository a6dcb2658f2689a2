"""What people read of an answer on a screen: lines, and tables in the words of their language."""
