from tests.operations.preflight.conftest import Scene


def trusting(scene: Scene, regions: object) -> Scene:
    trust = {"regions": regions, "allow_undocumented_regions": True}
    return scene.configured(cmek={"trust": trust})


def test_a_region_without_a_documented_access_role_is_noted(scene: Scene) -> None:
    found = trusting(scene, ["us-east-1", "eu-central-1"]).note("trusted-regions")
    assert found.startswith("pinecone_cmek_access_eu-central-1: not documented by Pinecone.")
    assert "If account 444455556666 has no such role, IAM refuses the trust policy" in found


def test_documented_regions_and_a_pattern_need_no_word(scene: Scene) -> None:
    assert trusting(scene, ["us-east-1", "us-west-2", "eu-west-1"]).finding("trusted-regions").status == "ok"
    found = trusting(scene, "all").finding("trusted-regions")
    assert (found.status, found.found) == ("ok", "a pattern, which IAM accepts whether the roles exist or not")
