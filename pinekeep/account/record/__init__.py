"""The record of what was handed over to Pinecone, kept in the customer's own account.

Every function that reads or writes raises AwsRefusedError where AWS refuses. One that writes also raises it where
somebody else wrote at the same time.
"""
