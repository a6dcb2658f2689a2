"""The system map on one sheet."""

import drainage as dr

net = dr.load_demo("2018-12-31")
dr.papers.plot_map(net, size="A3").save("system_map.png", dpi=130, force=True)
