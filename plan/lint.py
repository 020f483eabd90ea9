"""Words that a text for a customer must not hold: promises, and what the customer is not to hear yet (R37, R57).

A finding is advice to whoever wrote the text, not a verdict on a person. Reading (A9): a planned date may be told as
planned, so a time that the clause itself calls planned or expected is no promise; a promise that is denied ("we
promise nothing") is none either. Works on Chinese (both scripts) and English at once. Errors: none.
Source: the plan, part 4(2), item 7.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple


class Finding(NamedTuple):
    """The prohibition that the words touch, the words as found, and what to write instead."""

    rule: str
    words: str
    advice: str


def promises(text: str) -> list[Finding]:
    """Every finding in a text meant for a customer, in the order found, each wording once."""
    found = [finding for clause in _clauses(text) for finding in _of_clause(clause)]
    return list(dict.fromkeys(found))


class _Rule(NamedTuple):
    """`planned` lets a time pass that the clause calls planned; `denied` a word that the clause denies."""

    rule: str
    advice: str
    pattern: re.Pattern[str]
    planned: bool = False
    denied: bool = True


_MONEY = "say that the insurer decides, and name no payment"
_SURE = "say what will be done, not that it is certain"
_TIME = "tell the insurer's planned date as planned, or no time at all"
_PLAN = "tell nothing of classes, opinions or plans; relay the insurer's decision once it is there"
_OTHERS = "say nothing of other customers"
_PUSH = "listen and calm first; never send the customer away"

_NUMBER = r"(?:(?<!\d)\d+|[一二两三四五六七八九十百半几]+)"
_UNIT = r"个?(?:工作日|自然日|星期|小时|分钟|天|日|周|月)"
_DAY = r"(?:今天|今晚|今日|明天|明日|后天|本周|下周|这周|本月|下月|月底|周[一二三四五六日]|下班|(?<!\d)\d+[日号点])"
_DONE = r"(?:解决|答复|回复|办好|办完|办结|处理好|处理完|有结果|出结果|给您|到账|退|赔)"
_FUNDS = r"(?:全额|本金|保费|本息|收益|钱|款)"
_BACK = r"(?:退还|退给|退回|返还|还给|给您退)"
_EN_NUMBER = r"(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|a few|several|half an)"
_EN_UNIT = r"(?:working |business |calendar )?(?:minute|hour|day|week|month)s?"
_EN_DAY = r"(?:today|tonight|tomorrow|next \w+|(?:mon|tues|wednes|thurs|fri|satur|sun)day|the end of|noon|\d)"
_EN_DONE = r"(?:settled?|solved?|resolved?|answered?|decided?)"
_EN_GROUP = r"(?:leadership|headquarters|management|work group)"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_RULES = (
    _Rule(
        "R57.1",
        _MONEY,
        _any(
            r"赔偿|补偿|赔付|赔钱|赔[给您]|包赔|减免|多给您|送您|全额退|退全额",
            rf"{_FUNDS}[^退还返]{{0,6}}{_BACK}|{_BACK}[^退还返]{{0,6}}{_FUNDS}",
            r"\b(?:compensat\w*|refund\w*|reimburs\w*|indemnif\w*|waive[sd]?)\b",
            r"\b(?:pay|pays|give|gives|get)\b[^.]{0,20}\bback\b|\bgiven back\b",
        ),
    ),
    _Rule(
        "R57.1",
        _SURE,
        _any(
            r"承诺|许诺|答应(?:[您你给帮]|下来)|保证(?!金)|担保|打包票|打保票|(?:一定|肯定|绝对|必定|必然)(?:会|能|给|让|帮|可以|没问题)",
            r"\b(?:guarantee\w*|promis\w+(?! nothing\b)|assur(?:e|ed|ance)\b|definitely|certainly will|will certainly)",
        ),
    ),
    _Rule(
        "R57.2",
        _TIME,
        _any(
            rf"{_NUMBER}{_UNIT}(?:之内|以内|内)|最[迟晚]|限期|截止",
            rf"{_NUMBER}{_UNIT}(?:之后|以后|后|就|便)[^的]{{0,6}}{_DONE}|{_DAY}[^的]{{0,8}}?{_DONE}",
            rf"\b(?:within|in|after) {_EN_NUMBER} {_EN_UNIT}\b",
            rf"\b(?:by|before|no later than|at the latest|until) {_EN_DAY}",
            rf"\b{_EN_DONE} (?:\w+ )?(?:today|tonight|tomorrow)\b",
        ),
        planned=True,
    ),
    _Rule(
        "R57.2",
        _TIME,
        _any(
            r"(?:马上|立刻|立即|当场|现在就)[^的]{0,4}(?:解决|办好|办完|处理好|处理完|到账|退|赔)",
            rf"\b{_EN_DONE} (?:\w+ )?(?:immediately|at once|right away)\b",
        ),
    ),
    _Rule(
        "R57.6",
        _PLAN,
        _any(
            r"通融|问题件|瑕疵件|正常件|处理方案(?:是|为|就|如下)|内部(?:意见|方案|讨论|研究|决定)",
            r"\bex[ -]gratia\b|\b(?:problem|flawed|normal) (?:file|policy|case)\b|\bthe (?:solution|settlement)\b",
            r"\binternal(?:ly)? (?:plan|opinion|decision|decided)",
        ),
        denied=False,
    ),
    _Rule(
        "R57.6",
        _PLAN,
        _any(
            r"(?:领导|上级|总部|工作组)[^，]{0,4}(?:同意|批准|决定)|(?:拟|准备|打算)(?:给您?)?(?:退|赔|补)",
            rf"\b{_EN_GROUP} (?:has |have )?(?:agreed|approved|decided)\b",
        ),
    ),
    _Rule(
        "R57.7",
        _OTHERS,
        _any(
            r"(?:其他|别的|另外的?)客户[^，]{0,6}(?:拿到|得到|退|赔|补|办)",
            r"\bother customers? (?:got|received|were|was|have)\b",
        ),
    ),
    _Rule(
        "R57.3",
        _PUSH,
        _any(
            r"[您你](?:自己)?(?:直接)?去找|不归我们|[与跟和]我们无关|不关我们|不是我们的[事责]",
            r"\b(?:not our (?:business|fault|problem)|go to the insurer)\b",
        ),
        denied=False,
    ),
)

_PLANNED = re.compile(r"计划|预计|犹豫期|\b(?:plan(?:s|ned)?|expect(?:s|ed)?|cooling-off|free-look)\b")
_FILLERS = (
    r"(?:是|可以|能够|可能|能|得|会|可|要|应该|应|许|敢|再|作出|做出|给出|作|做|予|出|任何|擅自|随意|私自|口头|代表|代|替|对外|"
    r"向|对|给|就|关于|客户|您|对方|保险公司|我们|他们|说|讲|提及|提|谈|使用|用|写|时限|时间|结果|处理|类似|性质|的|或者|或|和|及|与|、|"
    r"承诺|许诺|答应|保证|担保|赔偿|补偿|赔付|赔钱|退钱|退还|本金|保费)"
)
_DENIED = re.compile(rf"(?:不|勿|无法|无权|没有|未|别|禁止|严禁|避免){_FILLERS}{{0,8}}$")
_DENIED_TWICE = re.compile(rf"(?:不会|不可能|不能|不得|不是|没有|无|非)(?:不|没有){_FILLERS}{{0,8}}$")
_DENIED_EN = re.compile(
    r"\b(?:not|never|cannot|can't|don't|won't|no|nor|nobody|without|neither)(?: (?!only\b)[\w'-]+){0,4} ?$"
)
_TRADITIONAL = str.maketrans(
    "會賠償補證諾許應還錢給內時個處決復覆辦問題領導組對負責無絕額為這級總計劃預費當場現點後週進訴關係們讓沒幫說講",
    "会赔偿补证诺许应还钱给内时个处决复复办问题领导组对负责无绝额为这级总计划预费当场现点后周进诉关系们让没帮说讲",
)
_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff])[\s·*_-]+(?=[\u3400-\u9fff])")
_CLAUSE_END = re.compile(r"[,;!?\n。！？；，：]|\.(?=\s|$)|(?<!\d):")


def _clauses(text: str) -> Iterator[str]:
    """The text in one spelling, clause by clause: full-width forms, hidden marks and gaps do not hide a word."""
    plain = unicodedata.normalize("NFKC", text).translate(_TRADITIONAL).lower().replace("’", "'")
    plain = "".join(char for char in plain if unicodedata.category(char) != "Cf")
    yield from _CLAUSE_END.split(_BETWEEN_HAN.sub("", plain))


def _of_clause(clause: str) -> Iterator[Finding]:
    for rule in _RULES:
        for match in rule.pattern.finditer(clause):
            before = clause[: match.start()]
            if rule.planned and _PLANNED.search(before):
                continue
            if rule.denied and _denied(before):
                continue
            yield Finding(rule.rule, match.group().strip(), rule.advice)


def _denied(before: str) -> bool:
    if _DENIED_TWICE.search(before):
        return False
    return bool(_DENIED.search(before) or _DENIED_EN.search(before))
