"""Many runs: plans, runners, and the files that results are kept in."""
