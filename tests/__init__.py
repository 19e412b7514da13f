"""Everything that checks ocrstream; the folders mirror the packages."""
