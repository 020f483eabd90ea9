"""The simulators check signatures by published vectors and another's library, never by the senders' own code."""

from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook as Oracle

from tests.simulators import aliyun, dingtalk, feishu, webhook

SECRET = "SECtest123"  # noqa: S105


def test_the_robots_signatures_are_those_that_were_measured() -> None:
    assert dingtalk.signature(SECRET, "1700000000000") == "w3RMHXzixTMdzr8OHJUmVLS4IoPJVdu+Ut1LE48MePE="
    assert feishu.signature(SECRET, "1700000000") == "eHRRCyLH7Z4IJQSJlfwertHZThRUYVu2hTUH02xPXYU="


def test_the_gateways_signature_is_the_one_in_the_documentation_of_aliyun() -> None:
    said = {
        "AccessKeyId": "testid",
        "Action": "DescribeRegions",
        "Format": "XML",
        "Signature": "is not part of what is signed",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
        "SignatureVersion": "1.0",
        "Timestamp": "2016-02-23T12:46:24Z",
        "Version": "2014-05-26",
    }
    assert aliyun.signature("GET", said, "testsecret") == "OLeaidS1JvxuMvnyHOwuJ+uX5qY="


def test_what_a_gateway_encodes_is_everything_but_letters_digits_and_four_signs() -> None:
    assert aliyun.encoded("a b*c~d-_.!'()中") == "a%20b%2Ac~d-_.%21%27%28%29%E4%B8%AD"


def test_a_webhooks_signature_is_that_of_the_specifications_own_library() -> None:
    secret, at = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", datetime(2026, 11, 24, 1, tzinfo=UTC)
    body = '{"text":"字"}'
    theirs = Oracle(secret).sign("k-1", at, body)
    stamp = str(int(at.timestamp()))
    assert f"v1,{webhook.signature(secret, 'k-1', stamp, body.encode())}" == theirs
