"""Results that are written down."""
