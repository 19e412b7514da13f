"""Whether ocrstream reads as PaddleOCR does with the same weights, stage by stage.

Runs where PaddleOCR is installed: `make test-engines`.
"""
