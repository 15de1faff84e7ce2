"""Trainings that are paused after some epochs and continued later, also by another process.

Such a training is one call of `fit` per epoch, each with random numbers of its own, so that nothing
but the state between two epochs has to be kept: `Segment` in `segment.py`.
"""
