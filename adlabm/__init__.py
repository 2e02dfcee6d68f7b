"""adlabm: an agent-based laboratory for auto-deleveraging on perpetual futures venues."""
