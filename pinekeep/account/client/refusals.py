"""AWS errors as one sentence with a hint. Data of a request, and messages that might repeat it, are redacted."""

from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urlsplit

from pinekeep.account.client import refusal_codes as codes
from pinekeep.errors import AwsRefusedError

Told = tuple[str, str | None]


@contextmanager
def refusals_told(region: str | None = None) -> Generator[None]:
    """Convert every botocore exception of a block into an AwsRefusedError. Also a decorator. Other exceptions pass.

    ``region``: where the calls are made, if that is not the deployment's Region; the error then names it.
    """
    try:
        yield
    except Exception as error:
        refusal = as_refusal(error)
        if refusal is None or refusal is error:
            raise
        if region is not None:
            told = f"{refusal.message} (in {region})"
            refusal = AwsRefusedError(told, hint=refusal.hint, transient=refusal.transient)
        raise refusal from None


def as_refusal(error: Exception) -> AwsRefusedError | None:
    """Return an exception as an AwsRefusedError, or None where it does not come from boto3."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - slow to import
    from botocore.parsers import ResponseParserError  # noqa: PLC0415

    if isinstance(error, AwsRefusedError):
        return error
    if isinstance(error, ResponseParserError):
        return not_an_answer("the call")
    if isinstance(error, ClientError):
        message, hint = _answered(error)
    elif isinstance(error, BotoCoreError):
        message, hint = _before_any_answer(error)
    else:
        return None
    return AwsRefusedError(message, hint=hint, transient=_is_transient(error))


def not_an_answer(operation: str, *, page: bool = False, lacks: str | None = None) -> AwsRefusedError:
    """Return the error for an answer that is not AWS's: a web page (``page``), or one that ``lacks`` a member."""
    if page:
        message = f"a web page came back instead of AWS's answer to {operation}"
    elif lacks:
        message = f"the response is not AWS's answer to {operation}: it lacks {lacks}"
    else:
        message = f"the response is not AWS's answer to {operation}"
    return AwsRefusedError(
        message,
        hint="something on the way answers in AWS's place: a network that wants you to sign in first (open a web page "
        "in a browser), a proxy (look at HTTPS_PROXY), or the address in AWS_ENDPOINT_URL",
    )


def _is_transient(error: Exception) -> bool:
    """Return whether a retry may succeed."""
    import botocore.exceptions as e  # noqa: PLC0415 - slow to import

    if isinstance(error, e.ClientError):
        return codes.code_of(error) in codes.THROTTLED | codes.DOWN
    ways_there = (e.ConnectionError, e.HTTPClientError, e.ConnectionClosedError, e.EndpointConnectionError)
    return isinstance(error, ways_there) and not isinstance(error, e.SSLError)


# --- AWS refused ---


def _answered(error: Exception) -> Told:
    code = codes.code_of(error)
    call = codes.operation_of(error)
    if code in codes.EXPIRED:
        return "the AWS credentials have expired", "sign in again, for example with `aws sso login`"
    if codes.tells_of_mfa(error):
        return (
            "AWS rejects the MFA code",
            "wait for the next code, then try again: each is accepted once, and the device's clock must be correct",
        )
    if code in codes.DENIED:
        permission = codes.missing_permission(error)
        return f"AWS does not allow {permission} with these credentials", codes.why_denied(error)
    if code in codes.THROTTLED:
        return f"AWS is asked too often and refuses {call} for now", "wait a minute, then try again"
    if codes.tells_of_the_clock(error):
        return (
            "AWS rejects the time of the request",
            "set the clock of this machine; AWS accepts a few minutes of difference",
        )
    if code in codes.UNKNOWN_CREDENTIALS:
        return (
            f"AWS does not recognize these credentials ({code})",
            "check AWS_ACCESS_KEY_ID or the profile; a Region that is not enabled for the account gives the same error",
        )
    if code in codes.WRONG_SIGNATURE:
        return "the secret access key does not belong to the access key", "set both again, from the same source"
    if code in codes.REGION_OFF:
        return "the account has not enabled this Region", "enable it in the account's settings, or use another Region"
    if code in codes.DOWN:
        return f"AWS failed at {call} ({code})", "the failure is in AWS; try again later"
    said = codes.cleaned(codes.message_of(error))
    return f"AWS refuses {call} ({code})" + (f": {said}" if said else ""), None


# --- No response: no credentials, no connection ---


def _before_any_answer(error: Exception) -> Told:
    import botocore.exceptions as e  # noqa: PLC0415 - slow to import

    match error:
        case e.NoCredentialsError() | e.NoAuthTokenError():
            return "there are no AWS credentials", "set AWS_PROFILE, or sign in with `aws sso login`"
        case e.PartialCredentialsError():
            return f"the AWS credentials lack {_given(error, 'cred_var')}", "set the access key and its secret together"
        case e.ProfileNotFound():
            return (
                f"there is no AWS profile {_given(error, 'profile')!r}",
                "`aws configure list-profiles` lists them; see AWS_PROFILE",
            )
        # pyrefly: ignore[missing-attribute] - the stubs lack UnknownTokenProviderError
        case e.SSOError() | e.LoginError() | e.TokenRetrievalError() | e.UnknownTokenProviderError():
            return "the AWS sign-in has expired", "sign in again: `aws sso login` or `aws login`, with your profile"
        case e.RefreshWithMFAUnsupportedError():
            return "the AWS session has expired, and its role requires an MFA code", "sign in again"
        case e.CredentialRetrievalError() | e.InfiniteLoopConfigError() | e.MetadataRetrievalError():
            return (
                "the AWS credentials could not be fetched from the configured source",
                "try `aws sts get-caller-identity` with the same profile",
            )
        case e.ConfigParseError() | e.ConfigNotFound():
            return f"the AWS configuration file {_given(error, 'path')} cannot be read", "see AWS_CONFIG_FILE"
        case e.NoRegionError():
            return "no AWS Region is set", "set AWS_REGION"
        case e.InvalidRegionError() | e.UnknownRegionError():
            return f"{_given(error, 'region_name')!r} is not the name of an AWS Region", "use a name such as us-east-1"
        case _:
            return _no_way_there(error)


def _no_way_there(error: Exception) -> Told:
    import botocore.exceptions as e  # noqa: PLC0415 - slow to import

    host = _host(_given(error, "endpoint_url"))
    match error:
        case e.ProxyConnectionError():
            return (
                f"the proxy {_host(_given(error, 'proxy_url'))} cannot be reached",
                "check HTTPS_PROXY; NO_PROXY names the hosts that are reached without it",
            )
        case e.InvalidProxiesConfigError():
            return "the proxy settings are invalid", "check HTTPS_PROXY"
        case e.SSLError():
            return (
                f"the certificate of {host} is not trusted",
                "behind a proxy that opens TLS, name its certificate in AWS_CA_BUNDLE",
            )
        case e.ConnectTimeoutError() | e.ReadTimeoutError():
            return f"{host} did not answer in time", "check the network, HTTPS_PROXY and the VPC's endpoints"
        case e.EndpointConnectionError() if is_local(host):
            return f"{host} cannot be reached: the embedded AWS is stopped", (
                'start one with `eval "$(pinekeep local start)"`, or point this shell back at AWS with '
                '`eval "$(pinekeep local stop)"`'
            )
        case e.EndpointConnectionError() | e.ConnectionClosedError() | e.ConnectionError() | e.HTTPClientError():
            return f"{host} cannot be reached", "check the network, the Region's name and HTTPS_PROXY"
        case e.UnknownEndpointError() | e.UnknownServiceError() | e.EndpointProviderError():
            return "AWS has no such service in this Region", "check the Region's name"
        case _:
            return (
                f"the AWS SDK failed: {type(error).__name__}",
                "try `aws sts get-caller-identity` with the same profile",
            )


def is_local(host: str) -> bool:
    """Return whether a host is this machine."""
    return host in {"localhost", "127.0.0.1", "::1"}


def _given(error: Exception, name: str) -> str:
    """Return one of the values that a botocore exception was created with."""
    return str(getattr(error, "kwargs", {}).get(name, ""))


def _host(url: str) -> str:
    """Return the host of a URL; a proxy's URL may contain a password, and a path may contain names."""
    return (urlsplit(url).hostname if "//" in url else urlsplit(f"//{url}").hostname) or "AWS"
