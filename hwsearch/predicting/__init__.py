"""Hardware models: they predict the costs of a network from its structure, before it is measured.

`features` turns the counts of `hwsearch.counting` into arrays, and `design` chooses the networks to
profile by them. `linear`, `log_linear` and `residual` contain the models of one cost. `choice`
chooses among these by cross-validation, and `predictor` gives intervals. `hardware_model` holds the
predictors of all metrics on one device. `records` and `store` keep profiles and models, and
`signature` tells which networks have the same costs. The models take plain arrays of features and
costs.
"""

from __future__ import annotations

#: Fewer networks than this are not fitted at all, unless there are networks of other templates.
LEAST = 3
#: A search uses the predictions of models that know so many networks: with fewer, the width of
#: their intervals is a guess.
LEAST_NETWORKS = 10
