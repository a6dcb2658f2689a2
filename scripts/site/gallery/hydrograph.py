"""Rain, flow and level at a manhole, minute by minute, by EPA SWMM."""

import drainage as dr

net = dr.load_demo("2018-12-31")
storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=1, duration_min=120)
storms = [storm, storm.with_return_period(5)]
dr.papers.plot_hydrograph(net, "YS1403", storms).save("hydrograph.png", force=True)
