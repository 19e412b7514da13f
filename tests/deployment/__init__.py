"""Tests of what starts ocrstream elsewhere: the images, the compose file, the chart.

Nothing here needs a container engine or a cluster: the files are read, checked against their
published schemas, and the worker is started with exactly the command and environment they give it.
"""
