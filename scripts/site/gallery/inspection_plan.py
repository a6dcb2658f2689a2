"""Which manhole to open next when sewage runs from a storm outfall."""

import drainage as dr

part = dr.load_demo("2021-05-07").upstream_of("YS2524")
plan = dr.plan_inspection(part, budget=8)
plan.figure("openings").savefig("inspection_plan.png", dpi=130)
