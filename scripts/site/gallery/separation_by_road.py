"""How far each road is separated."""

import drainage as dr

net = dr.load_demo("2018-12-31")
separation = dr.measure_separation(net, mixed=dr.find_mixed_flow(net))
separation.figure("roads").savefig("separation_by_road.png", dpi=130)
