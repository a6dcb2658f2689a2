"""Where flows mix along one road: a map to move about in."""

import drainage as dr

net = dr.load_demo("2018-12-31")
mixed = dr.find_mixed_flow(net)
road = net.pipes[net.pipes["road"] == "文化路"]
mixed.explore(within=road.buffer(60)).save("mixed_flow_of_a_road.html")
