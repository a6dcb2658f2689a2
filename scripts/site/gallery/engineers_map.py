"""The engineer's map: search, filter, trace."""

import drainage as dr

net = dr.load_demo("2018-12-31")
storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
points = dr.find_waterlogging(dr.screen(net, storm))
points.page().save("engineers_map.html")
