"""A call to Aliyun is signed as its documentation says."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl

from activities.channels.aliyun import AccessKey, form, signature

AT = datetime(2017, 7, 12, 2, 42, 19, tzinfo=UTC)


def test_the_signature_is_the_one_published_for_a_short_message() -> None:
    """The worked example of SendSms with `testId` and `testSecret` in Alibaba Cloud's documentation of its short
    messages (help.aliyun.com, document 56189); public clients in several languages test themselves by it."""
    example = {
        "AccessKeyId": "testId",
        "Action": "SendSms",
        "Format": "XML",
        "OutId": "123",
        "PhoneNumbers": "15300000001",
        "RegionId": "cn-hangzhou",
        "SignName": "阿里云短信测试专用",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": "45e25e9b-0a6f-4070-8c85-2956eda1b466",
        "SignatureVersion": "1.0",
        "TemplateCode": "SMS_71390007",
        "TemplateParam": '{"customer":"test"}',
        "Timestamp": "2017-07-12T02:42:19Z",
        "Version": "2017-05-25",
    }
    assert signature("GET", example, "testSecret") == "zJDF+Lrzhj/ThnlvIToysFRq6t4="


def test_the_signature_is_the_one_published_for_any_gateway() -> None:
    """The worked example of DescribeRegions with `testid` and `testsecret` in Alibaba Cloud's documentation of the RPC
    style (签名机制, signature version 1.0)."""
    example = {
        "AccessKeyId": "testid",
        "Action": "DescribeRegions",
        "Format": "XML",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
        "SignatureVersion": "1.0",
        "Timestamp": "2016-02-23T12:46:24Z",
        "Version": "2014-05-26",
    }
    assert signature("GET", example, "testsecret") == "OLeaidS1JvxuMvnyHOwuJ+uX5qY="


def test_a_form_holds_everything_with_the_signature_of_the_rest() -> None:
    key = AccessKey("LTAItest", "s3cret")

    said = dict(parse_qsl(form("SendSms", "2017-05-25", {"Text": "a b*~+&=/中"}, key, AT).decode()))

    signed = said.pop("Signature")
    assert signed == signature("POST", said, "s3cret")
    assert said["Text"] == "a b*~+&=/中"
    assert (said["Timestamp"], said["AccessKeyId"]) == ("2017-07-12T02:42:19Z", "LTAItest")


def test_a_form_is_encoded_as_it_is_signed() -> None:
    body = form("SendSms", "2017-05-25", {"Text": "a b*~'()/中"}, AccessKey("LTAItest", "s3cret"), AT)

    assert b"Text=a%20b%2A~%27%28%29%2F%E4%B8%AD&" in body


def test_no_two_calls_have_the_same_nonce_and_no_secret_shows() -> None:
    key = AccessKey("LTAItest", "s3cret")

    bodies = [form("SendSms", "2017-05-25", {}, key, AT) for _ in range(2)]

    assert len({dict(parse_qsl(body.decode()))["SignatureNonce"] for body in bodies}) == 2
    assert not any(b"s3cret" in body for body in bodies)
    assert "s3cret" not in repr(key)
