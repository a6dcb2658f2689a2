"""A long section with the grade lines of two storms."""

import drainage as dr

net = dr.load_demo("2018-12-31")
storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=1, duration_min=120)
states = [dr.screen(net, storm.with_return_period(years)) for years in (1, 5)]
points = dr.find_waterlogging(states[-1])
dr.papers.plot_section(net, "YS1400", "YS0632", state=states, waterlogging=points).save("long_section.png", force=True)
