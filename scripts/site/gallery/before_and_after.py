"""What became of each waterlogging point, half a year into the works."""

import drainage as dr

net = dr.load_demo()
before, after = net.as_of("2018-12-31"), net.as_of("2019-06-28")
storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
answers = [{"waterlogging": dr.find_waterlogging(dr.screen(one, storm))} for one in (before, after)]
outcome = dr.analyses.measure_outcome(before, after, answers=answers)
outcome.figure("points").savefig("before_and_after.png", dpi=130)
