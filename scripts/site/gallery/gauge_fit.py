"""What a level gauge measured, what was computed, and what would mend it."""

import matplotlib.pyplot as plt
import pandas as pd

import drainage as dr

# readings made up for the picture
rows = [(5, 19.12), (10, 19.31), (15, 20.0), (20, 20.62), (25, 20.9), (30, 21.03), (40, 20.92), (60, 20.21), (90, 19.4)]
pd.DataFrame(rows, columns=["time", "YS1041 level_m"]).to_csv("levels.csv", index=False)
net = dr.load_demo("2018-12-31").upstream_of("YS1043")
storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=1, duration_min=60)
compared = dr.analyses.compare_with_gauges(net, dr.formats.read_gauges("levels.csv"), storm)
figure, ax = plt.subplots(figsize=(6.3, 3.5), layout="constrained")
dr.maps.plot_gauge(compared.tables["series"], ax, quantity="level").figure.savefig("gauge_fit.png", dpi=130)
