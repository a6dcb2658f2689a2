"""A network as a drawing for CAD, on the ground: layers by system, blocks with data, texts that plot at a scale."""
