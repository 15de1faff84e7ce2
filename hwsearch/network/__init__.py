"""One network: its script, its data, its training and its score.

A template with its values in place is a *rendered script*, which also runs on its own (module
`rendered_script`). `Network.from_script` runs one and checks what it defines: the compiled model
(`network`) and the arrays (`data`). `Network.train` trains the model and evaluates it after every
epoch (`training`); `scoring` turns predictions into a classification error. Everything that can be
wrong with a script is reported as a `NetworkError` of one line (`errors`).

This file imports nothing, because most of these modules load Keras, which takes seconds.
"""
