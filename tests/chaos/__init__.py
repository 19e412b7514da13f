"""Faults against real servers and real worker processes: nothing may be lost, whatever happens."""
