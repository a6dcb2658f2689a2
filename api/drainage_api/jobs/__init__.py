"""What is done beside the answers: worker processes, and the limited process in which each job calls the library."""
