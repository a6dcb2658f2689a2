"""Why it waterlogs: overflow by cause and grade."""

import drainage as dr

net = dr.load_demo("2018-12-31")
storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
points = dr.find_waterlogging(dr.screen(net, storm))
points.figure("causes").savefig("waterlogging_causes.png", dpi=130)
