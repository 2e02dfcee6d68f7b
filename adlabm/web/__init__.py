"""The live page: one market per visitor, drawn by the figures of the reports."""
