"""What a deployment does to an account beyond what the templates say."""
