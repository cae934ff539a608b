"""Single values that are right wherever they stand, except that some must differ from others."""

from hypothesis import strategies as st

from pinekeep.model.facts import aws, pinecone

_NO_ACCOUNTS = {*pinecone.PLACEHOLDER_ACCOUNTS, pinecone.STORAGE_ACCOUNT}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"


def text(alphabet: str, *, least: int = 0, most: int) -> st.SearchStrategy[str]:
    """Return texts of some characters, mostly short ones."""
    short = st.text(alphabet, min_size=least, max_size=min(most, least + 8))
    return short | st.sampled_from(alphabet.strip(" ")).map(lambda letter: letter * most)


accounts = (
    st.integers(1, 10**12 - 1)
    .map(lambda number: f"{number:012d}")
    .filter(lambda account: len(set(account)) > 1 and account not in _NO_ACCOUNTS)
)
deployment_names = st.lists(text(_LETTERS + _DIGITS, least=1, most=20), min_size=1, max_size=4).map(
    lambda words: "-".join(words)[:40].strip("-")
)
uuids = st.uuids(version=4).map(str)
external_ids = uuids | uuids.map(str.upper)
documented_regions = st.sampled_from(pinecone.DOCUMENTED_ACCESS_REGIONS)
regions = st.sampled_from(pinecone.REGIONS)
other_regions = st.sampled_from([*pinecone.REGIONS, "ap-south-1", "eu-west-2", "mx-central-1", "eu-south-2"])
role_names = text("ABCxyz012+=,.@_-", least=1, most=58)
iam_paths = st.lists(text("ABCxyz012+=,.@_-", least=1, most=20), max_size=4).map(
    lambda parts: "/" + "".join(f"{part}/" for part in parts)
)
alias_names = text("ABCxyz012/_-", least=1, most=240).filter(lambda alias: not alias.startswith(("alias/", "aws/")))
administrator_names = st.tuples(
    st.sampled_from(["role/", "user/", "role/team/keys/", "user/people/"]), text("ABCxyz012+=,.@_-", least=1, most=64)
).map("".join)
tags = st.dictionaries(
    text("abcxyz012 .:/=+@_-", least=1, most=128).filter(lambda key: key == key.strip() and not key.startswith("aws:")),
    text("abcXYZ012 .:/=+@_-", most=256),
    max_size=4,
)
customer_names = st.tuples(st.sampled_from("Aa0z"), text("ABCxyz012 ._-", most=60), st.sampled_from("1Z.")).map("".join)
key_ids = st.uuids().map(str) | st.uuids().map(lambda chosen: f"mrk-{chosen.hex}")
rotation_days = st.integers(aws.ROTATION_DAYS_MIN, aws.ROTATION_DAYS_MAX)
deletion_window_days = st.integers(aws.DELETION_WINDOW_DAYS_MIN, aws.DELETION_WINDOW_DAYS_MAX)


def resource_ids(prefix: str, *, end: str) -> st.SearchStrategy[str]:
    """Return IDs of things in a VPC that end alike, so that those that end otherwise differ."""
    return st.integers(0, 16**7 - 1).map(lambda number: f"{prefix}-{number:07x}{end}") | st.integers(0, 16**16 - 1).map(
        lambda number: f"{prefix}-{number:016x}{end}"
    )


def key_arns(*, account: str, region: str) -> st.SearchStrategy[str]:
    """Return ARNs of keys."""
    return key_ids.map(lambda key_id: f"arn:aws:kms:{region}:{account}:key/{key_id}")


def networks(base: int, base_prefix: int, *, shortest: int, longest: int) -> st.SearchStrategy[str]:
    """Return networks inside another one, given as its first address and its prefix."""

    def written(chosen: tuple[int, int]) -> str:
        prefix, seed = chosen
        inside = (seed % (1 << (prefix - base_prefix))) << (32 - prefix)
        address = base | inside
        return f"{'.'.join(str(address >> shift & 255) for shift in (24, 16, 8, 0))}/{prefix}"

    return st.tuples(st.integers(max(shortest, base_prefix), longest), st.integers(0, 2**32)).map(written)


vpc_cidrs = st.one_of(
    networks(10 << 24, 8, shortest=16, longest=25),
    networks(172 << 24 | 16 << 16, 12, shortest=16, longest=25),
    networks(192 << 24 | 168 << 16, 16, shortest=16, longest=25),
    networks(100 << 24 | 64 << 16, 10, shortest=16, longest=25),
)


@st.composite
def client_cidrs(draw: st.DrawFn) -> list[str]:
    """Draw networks of which none lies in another: each begins with a number of its own."""
    firsts = draw(st.lists(st.integers(1, 223), unique=True, max_size=4))
    return [draw(networks(first << 24, 8, shortest=8, longest=32)) for first in firsts]
