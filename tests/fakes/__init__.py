"""Stand-ins for real parts; each passes the contract suite of what it stands for."""
