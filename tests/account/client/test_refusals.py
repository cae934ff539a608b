import traceback
from typing import Any

import boto3
import botocore.exceptions as e
import pytest

from pinekeep.account.client import refusal_codes as codes
from pinekeep.account.client.refusals import as_refusal, refusals_told
from pinekeep.errors import AwsRefusedError, ExitCode

SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY99"
PROXY_URL = "http://someone:hunter2@proxy.example.com:3128"


def answered(code: str, message: str = "", operation: str = "GetKeyPolicy") -> e.ClientError:
    return e.ClientError({"Error": {"Code": code, "Message": message}}, operation)


def test_a_code_of_an_mfa_device_that_aws_does_not_take_is_told_as_that() -> None:
    said = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
    error = e.ClientError({"Error": {"Code": "AccessDenied", "Message": said}}, "AssumeRole")
    refusal = told(error)
    assert refusal.message == "AWS rejects the MFA code"
    assert "next code" in str(refusal.hint)


def told(error: Exception) -> AwsRefusedError:
    refusal = as_refusal(error)
    assert refusal is not None
    assert not refusal.message.endswith(".")
    return refusal


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (e.NoCredentialsError(), "there are no AWS credentials", "AWS_PROFILE"),
        (e.NoAuthTokenError(), "there are no AWS credentials", "AWS_PROFILE"),
        (
            e.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
            "the AWS credentials lack AWS_SECRET_ACCESS_KEY",
            "together",
        ),
        (e.ProfileNotFound(profile="stage"), "there is no AWS profile 'stage'", "list-profiles"),
        (e.ConfigParseError(path="/home/x/.aws/config"), "/home/x/.aws/config cannot be read", "AWS_CONFIG_FILE"),
        (e.ConfigNotFound(path="/x"), "/x cannot be read", "AWS_CONFIG_FILE"),
        (e.SSOTokenLoadError(error_msg=SECRET), "the AWS sign-in has expired", "aws sso login"),
        (e.UnauthorizedSSOTokenError(), "the AWS sign-in has expired", "aws sso login"),
        (e.TokenRetrievalError(provider="sso", error_msg=SECRET), "the AWS sign-in has expired", "aws sso login"),
        (e.LoginRefreshRequired(), "the AWS sign-in has expired", "aws login"),
        (e.RefreshWithMFAUnsupportedError(), "requires an MFA code", "sign in again"),
        (
            e.CredentialRetrievalError(provider="process", error_msg=SECRET),
            "could not be fetched from the configured source",
            "get-caller-identity",
        ),
        (e.NoRegionError(), "no AWS Region is set", "AWS_REGION"),
        (e.InvalidRegionError(region_name="us east"), "'us east' is not the name of an AWS Region", "us-east-1"),
        (
            e.EndpointConnectionError(endpoint_url="https://kms.us-esat-1.amazonaws.com/path"),
            "kms.us-esat-1.amazonaws.com cannot be reached",
            "HTTPS_PROXY",
        ),
        (
            e.ConnectionClosedError(endpoint_url="https://kms.example.com/"),
            "kms.example.com cannot be reached",
            "network",
        ),
        (e.HTTPClientError(error=Exception(SECRET)), "AWS cannot be reached", "network"),
        (
            e.ConnectTimeoutError(endpoint_url="https://a.example.com"),
            "a.example.com did not answer in time",
            "network",
        ),
        (e.ReadTimeoutError(endpoint_url="https://a.example.com"), "a.example.com did not answer in time", "network"),
        (e.ProxyConnectionError(proxy_url=PROXY_URL), "the proxy proxy.example.com cannot be reached", "HTTPS_PROXY"),
        (e.InvalidProxiesConfigError(), "the proxy settings are invalid", "HTTPS_PROXY"),
        (
            e.SSLError(endpoint_url="https://kms.example.com", error=Exception(SECRET)),
            "the certificate of kms.example.com is not trusted",
            "AWS_CA_BUNDLE",
        ),
        (e.UnknownEndpointError(service_name="kms", region_name="x"), "no such service in this Region", "Region"),
        (
            e.ParamValidationError(report=SECRET),
            "the AWS SDK failed: ParamValidationError",
            "get-caller-identity",
        ),
    ],
)
def test_what_comes_before_any_answer_is_told_with_a_hint(error: Exception, message: str, hint: str) -> None:
    refusal = told(error)
    assert message in refusal.message
    assert hint in str(refusal.hint)
    assert SECRET not in refusal.message + str(refusal.hint)
    assert "hunter2" not in refusal.message + str(refusal.hint)


@pytest.mark.parametrize(
    ("group", "message"),
    [
        (codes.EXPIRED, "the AWS credentials have expired"),
        (codes.THROTTLED, "AWS is asked too often and refuses GetKeyPolicy for now"),
        (codes.CLOCK, "AWS rejects the time of the request"),
        (codes.UNKNOWN_CREDENTIALS, "AWS does not recognize these credentials"),
        (codes.WRONG_SIGNATURE, "the secret access key does not belong to the access key"),
        (codes.REGION_OFF, "the account has not enabled this Region"),
        (codes.DOWN, "AWS failed at GetKeyPolicy"),
        (codes.DENIED, "AWS does not allow GetKeyPolicy with these credentials"),
    ],
)
def test_each_of_awss_words_for_a_meaning_is_told_alike(group: frozenset[str], message: str) -> None:
    for code in group:
        refusal = told(answered(code, f"said {SECRET}"))
        assert refusal.message.startswith(message), code
        assert refusal.hint
        assert SECRET not in refusal.message + refusal.hint


def test_a_signature_that_expired_is_about_the_clock() -> None:
    refusal = told(answered("InvalidSignatureException", "Signature expired: 20260101T000000Z is now earlier than"))
    assert refusal.message == "AWS rejects the time of the request"


DENIAL = "User: arn:aws:iam::111122223333:user/x is not authorized to perform: kms:GetKeyPolicy on resource: y {}"


@pytest.mark.parametrize(
    ("why", "hint"),
    [
        ("because no identity-based policy allows the kms:GetKeyPolicy action", "allow kms:GetKeyPolicy to whoever"),
        ("with an explicit deny in a service control policy", "of the organization denies it"),
        ("with an explicit deny in a resource control policy", "a resource control policy"),
        ("because no permissions boundary allows it", "the permissions boundary of these credentials"),
        ("because no session policy allows it", "the policy of this session"),
        ("because no VPC endpoint policy allows it", "the policy of the VPC endpoint"),
        ("because no resource-based policy allows it", "for a KMS key that is its key policy"),
        ("with an explicit deny in an identity-based policy", "an Allow does not help"),
        ("", "allow kms:GetKeyPolicy to whoever"),
    ],
)
def test_a_denied_access_names_the_permission_and_what_stands_in_the_way(why: str, hint: str) -> None:
    refusal = told(answered("AccessDeniedException", DENIAL.format(why)))
    assert refusal.message == "AWS does not allow kms:GetKeyPolicy with these credentials"
    assert hint in str(refusal.hint)


def test_any_other_answer_is_told_in_awss_words_without_secrets() -> None:
    said = f"Something about AKIAIOSFODNN7EXAMPLE and {SECRET}.\nThe canonical string: POST"
    refusal = told(answered("Strange", said, "PutThing"))
    assert refusal.message == "AWS refuses PutThing (Strange): Something about … and …"
    long = told(answered("Strange", "word " * 100))
    assert long.message.endswith("…")
    assert len(long.message) < 300
    assert told(answered("Strange")).message == "AWS refuses GetKeyPolicy (Strange)"


def test_what_is_not_about_aws_passes() -> None:
    assert as_refusal(ValueError("x")) is None
    with pytest.raises(ZeroDivisionError), refusals_told():
        raise ZeroDivisionError


def test_what_is_told_already_is_told_once() -> None:
    refusal = AwsRefusedError("as it is")
    with pytest.raises(AwsRefusedError) as raised, refusals_told():
        raise refusal
    assert raised.value is refusal


def test_not_even_a_traceback_shows_what_aws_said() -> None:
    @refusals_told()
    def call() -> None:
        raise answered("SignatureDoesNotMatch", SECRET)

    with pytest.raises(AwsRefusedError) as raised:
        call()
    assert raised.value.exit_code == ExitCode.AWS_REFUSED
    lines = "".join(traceback.format_exception(raised.value))
    assert SECRET not in lines


def test_a_profile_that_is_not_there_is_told_from_a_real_session() -> None:
    with pytest.raises(AwsRefusedError, match="there is no AWS profile 'nobody'"), refusals_told():
        boto3.Session(profile_name="nobody")


@pytest.mark.parametrize("service", ["kms", "sts"])
def test_an_endpoint_where_nobody_listens_is_told_from_a_real_client(service: str) -> None:
    config: Any = boto3.session.Config(retries={"total_max_attempts": 1}, connect_timeout=1)
    client = boto3.client(  # pyrefly: ignore[no-matching-overload] # any service
        service,
        region_name="us-east-1",
        endpoint_url="http://127.0.0.1:9",
        aws_access_key_id="x",
        aws_secret_access_key="y",
        config=config,
    )
    with pytest.raises(AwsRefusedError, match=r"127\.0\.0\.1 cannot be reached"), refusals_told():
        client.list_aliases() if service == "kms" else client.get_caller_identity()


URL = "https://kms.us-east-1.amazonaws.com/"


@pytest.mark.parametrize(
    "error",
    [
        answered("ThrottlingException"),
        answered("ServiceUnavailable"),
        answered("503"),
        e.EndpointConnectionError(endpoint_url=URL),
        e.ConnectTimeoutError(endpoint_url=URL),
        e.ReadTimeoutError(endpoint_url=URL),
        e.ConnectionClosedError(endpoint_url=URL),
        e.ProxyConnectionError(proxy_url=PROXY_URL),
    ],
)
def test_what_may_pass_by_itself_is_transient(error: Exception) -> None:
    assert told(error).transient


@pytest.mark.parametrize(
    "error",
    [
        answered("ExpiredToken"),
        answered("AccessDenied"),
        answered("ValidationError"),
        e.NoCredentialsError(),
        e.SSLError(endpoint_url=URL, error=Exception("x")),
        e.NoRegionError(),
    ],
)
def test_what_somebody_must_mend_is_not_transient(error: Exception) -> None:
    assert not told(error).transient
