"""boto3 clients: timeouts, proxies, the parsing of answers, and what refusals mean."""
