"""Hardware models: the cost of a network, predicted from its structure before it is measured.

`features` turns what `hwsearch.counting` counts into arrays, `linear` and `residual` are models of
one cost, `predictor` chooses among them by cross-validation and gives intervals, `hardware_model`
holds those of all metrics on one device, `records` and `store` keep profiles and models, and
`signature` says which networks cost the same. Models take plain arrays of features and costs.
"""

#: A search uses the predictions of models that know so many networks: with fewer, the width of
#: their intervals is a guess.
from __future__ import annotations

LEAST_NETWORKS = 10
