"""The form by which somebody decides what goes wrong at a place, and what is going wrong there."""

from collections.abc import Mapping, Sequence

from tests.simulators.faults import Do, Fault
from tests.simulators.frame import both
from tests.simulators.markup import Html, joined, tag

_WAYS = {
    "": ("一切正常", "fine"),
    "refuse": ("拒收", "refuse"),
    "busy": ("稍后再试", "busy"),
    "status": ("HTTP 503", "an error of HTTP's"),
    "hang": ("没收到，不回答", "hang"),
    "silent": ("收下，不回答", "taken, no answer"),
    "slow": ("慢 5 秒", "5 s late"),
    "drop before": ("读前断开", "reset before reading"),
    "drop after": ("读后断开", "reset after reading"),
    "drop midway": ("回答到一半断开", "broken off in the answer"),
    "random": ("随机三成失败", "30 % at random"),
}


def faults_form(places: Sequence[tuple[str, str]]) -> Html:
    """For these places, by address and name."""
    where = tag("select", *(tag("option", name, value=place) for place, name in places), name="place")
    ways = tag("select", *(tag("option", " ".join(words), value=do) for do, words in _WAYS.items()), name="do")
    code = tag("input", name="code", maxlength="60", placeholder="如 45009")
    times = tag("input", name="times", inputmode="numeric", maxlength="4", placeholder="一直")
    form = tag(
        "form",
        tag("label", both("哪里", "where"), where),
        tag("label", both("怎样", "how"), ways),
        tag("label", both("错误码", "code"), code),
        tag("label", both("几次", "times"), times),
        tag("button", both("设置", "Set"), type="submit"),
        method="post",
        action="/faults",
    )
    return tag("details", tag("summary", both("制造故障", "Make it fail")), form)


def faults_shown(places: Sequence[tuple[str, str]], faults: Mapping[str, Sequence[Fault]]) -> Html | None:
    """What is wrong now; nothing where all is well."""
    lines = [tag("li", f"{name}：", *_shown(fault)) for place, name in places for fault in faults.get(place, ())]
    return tag("ul", *lines, class_="wrong") if lines else None


def _shown(fault: Fault) -> tuple[Html | str, ...]:
    way = f"drop {fault.when}" if fault.do is Do.DROP else fault.do.value
    code = f" {fault.code or fault.status or ''}".rstrip()
    left = joined("，还有 ", str(fault.times), " 次 ", tag("small", "left", lang="en")) if fault.times else ""
    return both(*_WAYS[way]), code, left


def fault_asked(form: Mapping[str, str]) -> tuple[Fault, ...]:
    """What the form says; ValueError where it says nothing that makes sense."""
    do, _, when = form.get("do", "").partition(" ")
    if not do:
        return ()
    said: dict[str, object] = {"do": do, "seconds": 5}
    if when:
        said["when"] = when
    for name in ("code", "times"):
        if value := form.get(name, "").strip():
            said[name] = value
    return (Fault.model_validate(said),)
