"""One network: its script, its data, its training and its score.

A template with its values in place is a *rendered script*, which also runs on its own (package
`program`). `Network.from_script` runs one and checks what it defines: the compiled model
(`network`) and its rows (package `datasets`). `Network.train` trains the model and evaluates it
after every epoch (packages `fitting`, and `folds` for cross-validation); package `scores` turns
predictions into a classification error. Everything that can be wrong with a script is reported as a
`NetworkError` of one line (`errors`).

This file imports nothing, because most of these modules load Keras, which takes seconds. The
`__init__.py` of the packages import nothing either.
"""
