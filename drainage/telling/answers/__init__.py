"""What is told of the answer to one question or command."""
