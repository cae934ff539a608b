"""boto3 clients: timeouts, proxies, response parsing, and the meaning of errors."""
