"""Maps: a map is a list of layers; the only home of folium, colours and HTML."""
