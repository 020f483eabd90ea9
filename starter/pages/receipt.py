"""A receipt in words: how a fact was answered, and what it set going."""

from plan.receipts import Answer, Receipt
from starter.words import Lang, clock_word, either

_ANSWERS = {
    Answer.ACCEPTED: ("✓ 已接受", "✓ accepted"),
    Answer.REFUSED: ("✗ 未被接受", "✗ refused"),
    Answer.DUPLICATE: ("= 此前已登记", "= duplicate: told before, counted once"),
    Answer.PENDING: ("… 已收到，待判定", "… pending: durably received, not judged yet"),
}


def receipt_lines(receipt: Receipt, lang: Lang) -> list[str]:
    """The answer first, then why, then the clocks."""
    rule = f" ({receipt.rule})" if receipt.rule else ""
    lines = [f"{either(lang, *_ANSWERS[receipt.state])}{rule}  {receipt.fact_id}"]
    reason = (receipt.reason_zh if lang == "zh" else None) or receipt.reason
    if reason:
        lines.append(f"  {reason}")
    for clocks, zh, en in (
        (receipt.started_clocks, "开始计时", "clocks started"),
        (receipt.met_clocks, "时限已完成", "clocks met"),
    ):
        if clocks:
            lines.append(f"  {either(lang, zh, en)}: {', '.join(clock_word(clock, lang) for clock in clocks)}")
    return lines
