"""What each code of Aliyun's SMS gateway means for a notice (R14): again and when, never again, or the operator's.

Source: the gateway's lists of error codes, of the service (`isv.`: the customer's side, `isp.`: the provider's) and of
the gate before it. The meaning goes by the code alone, never by its words. A code that does not stand here is judged by
its beginning: `isv.`, `Invalid…`, `Missing…` and the like are the set-up's. Of any other it is not known whether the
gateway took the message all the same: it is asked, for nothing is sent twice.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

TAKEN: Final = "OK"
A_MINUTE: Final = timedelta(minutes=1)
"""A number is limited by the minute, the hour and the day; the nearest of these is over then."""
A_MOMENT: Final = timedelta(seconds=5)


class Verdict(StrEnum):
    BUSY = "busy"
    AGAIN = "again"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    MISCONFIGURED = "misconfigured"


BUSY: Final[Mapping[str, timedelta]] = MappingProxyType(
    {
        "isv.BUSINESS_LIMIT_CONTROL": A_MINUTE,
        "Throttling": A_MOMENT,
        "Throttling.User": A_MOMENT,
        "Throttling.Api": A_MOMENT,
    }
)
"""Turned away for so long; nothing was taken."""

CODES: Final[Mapping[str, Verdict]] = MappingProxyType(
    {
        **dict.fromkeys(BUSY, Verdict.BUSY),
        "isp.SYSTEM_ERROR": Verdict.AGAIN,
        "isp.GATEWAY_ERROR": Verdict.AGAIN,
        "ServiceUnavailable": Verdict.AGAIN,
        # The gate had an accident, or has seen this very call before: the service behind it may have taken it.
        "InternalError": Verdict.UNKNOWN,
        "SignatureNonceUsed": Verdict.UNKNOWN,
        # This number, or these values.
        "isv.MOBILE_NUMBER_ILLEGAL": Verdict.REFUSED,
        "isv.BLACK_KEY_CONTROL_LIMIT": Verdict.REFUSED,
        "isv.CUSTOMER_REFUSED": Verdict.REFUSED,
        "isv.PARAM_NOT_SUPPORT_URL": Verdict.REFUSED,
        "isv.TEMPLATE_PARAMS_ILLEGAL": Verdict.REFUSED,
        "isv.SMS_CONTENT_ILLEGAL": Verdict.REFUSED,
        "isv.UNSUPPORTED_CONTENT": Verdict.REFUSED,
        # Templates and signature.
        "isv.SMS_TEMPLATE_ILLEGAL": Verdict.MISCONFIGURED,
        "isv.SMS_SIGNATURE_ILLEGAL": Verdict.MISCONFIGURED,
        "isv.SMS_SIGN_ILLEGAL": Verdict.MISCONFIGURED,
        "isv.SIGN_NAME_ILLEGAL": Verdict.MISCONFIGURED,
        "isv.SIGN_STATE_ILLEGAL": Verdict.MISCONFIGURED,
        "isv.SMS_SIGNATURE_SCENE_ILLEGAL": Verdict.MISCONFIGURED,
        "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE": Verdict.MISCONFIGURED,
        "isv.TEMPLATE_MISSING_PARAMETERS": Verdict.MISCONFIGURED,
        "isv.PARAM_LENGTH_LIMIT": Verdict.MISCONFIGURED,
        "isv.INVALID_JSON_PARAM": Verdict.MISCONFIGURED,
        "isv.INVALID_PARAMETERS": Verdict.MISCONFIGURED,
        "isv.EXTEND_CODE_ERROR": Verdict.MISCONFIGURED,
        "isv.MOBILE_COUNT_OVER_LIMIT": Verdict.MISCONFIGURED,
        "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": Verdict.MISCONFIGURED,
        # The account: money, rights, limits of one's own.
        "isv.ACCOUNT_NOT_EXISTS": Verdict.MISCONFIGURED,
        "isv.ACCOUNT_ABNORMAL": Verdict.MISCONFIGURED,
        "isv.OUT_OF_SERVICE": Verdict.MISCONFIGURED,
        "isv.AMOUNT_NOT_ENOUGH": Verdict.MISCONFIGURED,
        "isv.PRODUCT_UN_SUBSCRIPT": Verdict.MISCONFIGURED,
        "isv.PRODUCT_UNSUBSCRIBE": Verdict.MISCONFIGURED,
        "isv.DAY_LIMIT_CONTROL": Verdict.MISCONFIGURED,
        "isv.MONTH_LIMIT_CONTROL": Verdict.MISCONFIGURED,
        "isv.DENY_IP_RANGE": Verdict.MISCONFIGURED,
        "isp.RAM_PERMISSION_DENY": Verdict.MISCONFIGURED,
        # The key, the clock, the call.
        "SignatureDoesNotMatch": Verdict.MISCONFIGURED,
        "InvalidAccessKeyId.NotFound": Verdict.MISCONFIGURED,
        "InvalidAccessKeyId.Inactive": Verdict.MISCONFIGURED,
        "MissingAccessKeyId": Verdict.MISCONFIGURED,
        "InvalidTimeStamp.Expired": Verdict.MISCONFIGURED,
        "InvalidTimeStamp.Format": Verdict.MISCONFIGURED,
        "InvalidVersion": Verdict.MISCONFIGURED,
        "InvalidAction.NotFound": Verdict.MISCONFIGURED,
        "Forbidden.RAM": Verdict.MISCONFIGURED,
        "Forbidden.RiskControl": Verdict.MISCONFIGURED,
    }
)
_BY_BEGINNING: Final = (
    ("Throttling", Verdict.BUSY),
    ("isp.", Verdict.AGAIN),
    ("ServiceUnavailable", Verdict.AGAIN),
    ("InternalError", Verdict.UNKNOWN),
    ("isv.", Verdict.MISCONFIGURED),
    ("Invalid", Verdict.MISCONFIGURED),
    ("Missing", Verdict.MISCONFIGURED),
    ("Unsupported", Verdict.MISCONFIGURED),
    ("Forbidden", Verdict.MISCONFIGURED),
    ("NoPermission", Verdict.MISCONFIGURED),
    ("SignatureDoesNotMatch", Verdict.MISCONFIGURED),
    ("IncompleteSignature", Verdict.MISCONFIGURED),
)


def verdict_of(code: str) -> Verdict:
    """Of any code but `OK`."""
    if code in CODES:
        return CODES[code]
    return next((verdict for start, verdict in _BY_BEGINNING if code.startswith(start)), Verdict.UNKNOWN)


def wait_of(code: str) -> timedelta:
    """How long to stay away."""
    return BUSY.get(code, A_MOMENT)
