"""Organizations: members, delegated administrators, trusted services, invitations, pages.

Sources, read 2026-11-30: botocore's service model of Organizations (1.43); "AWS Organizations endpoints and quotas".
"""
