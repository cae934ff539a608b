"""What a deployment would do, in words that a reviewer can sign: from a real change set and from what it means."""
