"""What stands beside the drawing on the page of a map: questions, verdicts, lists, ways through the network."""
