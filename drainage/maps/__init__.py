"""Maps: a map is a list of layers; the only home of folium, colours, HTML and labels in two languages."""
