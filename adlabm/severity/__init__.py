"""Severity: how much of a deficit ADL raises now. One file per rule; from whom it is taken is the policy's part, so any two go together."""
