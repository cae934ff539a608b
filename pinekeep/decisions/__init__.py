"""Who can do what, and who must be able to do what: decided from policies. Pure."""
