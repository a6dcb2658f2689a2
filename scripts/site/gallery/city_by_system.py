"""The pipes of the city by their system."""

import matplotlib.pyplot as plt

import drainage as dr

figure, ax = plt.subplots(figsize=(6.3, 5), layout="constrained")
dr.load_demo("2018-12-31").plot(ax=ax)
figure.savefig("city_by_system.png", dpi=130)
