"""What was surveyed, understood: tables of any city to one network."""
