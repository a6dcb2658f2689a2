"""Length of pipes by the storm that they carry."""

import drainage as dr

net = dr.load_demo("2018-12-31")
storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
points = dr.find_waterlogging(dr.screen(net, storm))
points.figure("return_periods").savefig("return_periods.png", dpi=130)
