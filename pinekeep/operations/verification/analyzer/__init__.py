"""The checks of the live policies by IAM Access Analyzer: questions, calls and verdicts."""
