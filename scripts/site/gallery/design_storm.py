"""The rain of a design storm over time."""

import matplotlib.pyplot as plt

import drainage as dr

storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
figure, ax = plt.subplots(figsize=(6.3, 3.5), layout="constrained")
dr.maps.plot_storm(storm, ax, step_min=5)
figure.savefig("design_storm.png", dpi=130)
