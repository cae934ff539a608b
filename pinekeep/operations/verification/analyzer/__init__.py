"""What AWS's own IAM Access Analyzer says of the live policies: what it is asked, asking it, and what that means."""
