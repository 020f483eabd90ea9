"""The words of every "no": what, why and what to do, in English and Chinese, by a stable reason.

A refusal names no customer. Nobody reads meaning from its text: the rule is the meaning.
"""

from plan.receipts import Refusal

TEXTS: dict[str, tuple[str, str]] = {
    "speaker": (
        "only {speakers} may say it for this incident. Ask one of them, or check who `by` is.",
        "只有{speakers_zh}可以就本事件登记此项。请由其登记，或核对登记人。",
    ),
    "conflict": (
        "this fact id was used with other content. Tell it under a new fact id.",
        "该事实编号已用于其他内容。请换一个新的编号登记。",
    ),
    "ended": ("the incident is {stage}. Tell reopened first.", "事件已{stage_zh}。请先登记重新打开（reopened）。"),
    "not_ended": ("the incident is still {stage}; nothing to re-open.", "事件尚在处理（{stage_zh}），无需重新打开。"),
    "group": (
        "a group event has no policies and no decisions of its own. Tell it to the member incident.",
        "群体事件不办理保单与处理决定。请在成员事件上登记。",
    ),
    "no_outlet": ("the outlet is not known yet. Tell assigned first.", "尚不知道是哪个网点。请先登记 assigned。"),
    "no_insurer": (
        "the insurer is not known yet. Tell assigned with the insurer first.",
        "尚不知道是哪家保险公司。请先登记 assigned 指明保险公司。",
    ),
    "assigned_nothing": ("names neither outlet nor insurer. Give one.", "未写明网点或保险公司。请至少写明一项。"),
    "assigned_in_crisis": (
        "the outlet of a running crisis stays: it owes the report.",
        "危机事件进行中不能更换网点，报告责任不变。",
    ),
    "calm_first": (
        "no calming has been tried yet. Calm the customer by the agreed script and tell calming_attempted first.",
        "尚未登记安抚。请先按统一话术安抚，并登记 calming_attempted。",
    ),
    "record_first": (
        "not recorded yet: {missing}. Tell customer_recorded first.",
        "尚缺：{missing_zh}。请先登记 customer_recorded。",
    ),
    "due_past": (
        "the planned date is not after now. Give a date to come.",
        "计划答复时间已过。请填写以后的时间。",
    ),
    "due_later": (
        "a later hand-over may only bring the planned date forward. The work group extends it: insurer_due_extended.",
        "再次转交只能提前计划答复时间。如需延后，请工作组登记 insurer_due_extended。",
    ),
    "not_handed": ("nothing is with the insurer. Tell handed_to_insurer first.", "尚未转交保险公司。请先登记转交。"),
    "already_missed": (
        "the planned date has passed; the breach stays. Ask the insurer for its answer.",
        "计划答复时间已过，逾期记录不变。请催保险公司答复。",
    ),
    "not_extended": ("the new date is not later than the present one.", "新的时间不晚于现有计划答复时间。"),
    "blank_course": (
        "the report says nothing of what happened. One sentence in content.course is enough.",
        "报告没有写经过。content.course 写一句话即可。",
    ),
    "no_parties": (
        "it is not clear which unit reports to which. Give from_unit and to_unit, a unit above it.",
        "看不出由哪个机构向哪个机构报告。请写明 from_unit 和其上级 to_unit。",
    ),
    "blank_opinion": (
        "the handling opinion is blank. Say how the province wants it handled.",
        "处理意见是空的。请写明意见。",
    ),
    "no_opinion": ("no handling opinion has been submitted yet.", "尚未提交处理意见。"),
    "no_report": ("there is no such report in this incident.", "本事件没有这份报告。"),
    "mis_selling": (
        "whether mis-selling is disproved is for the work group or the insurer. The outlet may say true or nothing.",
        "“不存在误导”须由工作组或保险公司认定。网点只可登记“存在”或不填。",
    ),
    "call_back": ("the call-back is stated by the work group or the insurer.", "回访情况由工作组或保险公司登记。"),
    "decided_late": (
        "the incident is {stage}; a decision comes before resolved. Reopen it first.",
        "事件已{stage_zh}。如需另作决定，请先重新打开。",
    ),
    "blank_decision": ("the decision is blank. Say what the insurer has decided.", "处理决定是空的。请写明决定内容。"),
    "promise": (
        "the text promises or tells the customer what nobody may: {advice}.",
        "文字含有不得对客户说的内容（承诺赔付或时限、透露方案等）。请改写后再登记。",
    ),
    "no_decision": (
        "the insurer has not decided yet. Its insurer_decided comes first.",
        "保险公司尚未作出处理决定。须先由其登记 insurer_decided。",
    ),
    "unauthorised": (
        "nobody of the leadership group authorised it. Name who did in authorised_by, or refer the press to them.",
        "未经领导小组授权。请在 authorised_by 写明授权人，或请媒体联系领导小组。",
    ),
    "unknown_item": (
        "there is no such item on the playbook's checklist: {items}.",
        "检查清单没有此项。可选：{items}。",
    ),
    "not_owner": ("this item is done by {speakers}.", "此项由{speakers}完成。"),
    "in_a_group": (
        "it already belongs to group event {group}. One at a time.",
        "已并入群体事件 {group}，一次只能并入一个。",
    ),
    "not_a_group": ("this is not a group event.", "本事件不是群体事件。"),
    "drill_mix": ("a drill joins a drill only.", "演练只能并入演练。"),
    "no_member": ("no such member here now.", "目前没有这个成员事件。"),
    "no_crisis": ("there is no crisis to stand down.", "目前没有危机可解除。"),
    "blank_reason": ("it needs a reason. Say why in one sentence.", "须写明原因。请用一句话说明。"),
    "blank_causes": ("root cause and lessons are both needed.", "原因和教训都要写。"),
    "not_resolved": (
        "the incident is {stage}, not resolved. Tell resolved first.",
        "事件目前是“{stage_zh}”，尚未办结。请先登记 resolved。",
    ),
    "resolved_already": ("the incident is {stage} already.", "事件已{stage_zh}。"),
    "owed": (
        "{clock} is still owed, due {due}. Submit it first, late is better than never.",
        "“{clock_zh}”尚未完成（到时 {due}）。请先补交。",
    ),
    "no_root_cause": (
        "a crisis closes only with its root cause and lessons: root_cause_recorded.",
        "危机事件须先登记原因和教训（root_cause_recorded）。",
    ),
    "no_accountability": (
        "there is a breach or reported conduct. The leadership group tells accountability_decided first (none, with a "
        "reason, counts), or the work group opens an action with owner and date: action_opened.",
        "有逾期或行为举报。须先由领导小组登记 accountability_decided（“不予追究”并说明理由也可），"
        "或由工作组登记有责任人和期限的事项（action_opened）。",
    ),
    "action_owner": (
        "{person} does not answer for this incident, has left, or is an insurer's. Name somebody of Post or bank in "
        "its chain, or enter the action into the unit's register.",
        "{person} 不是本事件邮银双方的责任人，或已离岗。请指定相关机构的人员，或直接登记到单位台账。",
    ),
    "action_past": ("it would have been due already. Give a time to come.", "完成时间已过。请填写以后的时间。"),
    "action_known": (
        "there is an action {action} already. Leave action_id out, or give it another name.",
        "已有事项 {action}。请不填 action_id，或换一个编号。",
    ),
    "no_action": (
        "there is no action {action} in this incident. See its actions, or tell the unit's register.",
        "本事件没有事项 {action}。请查看本事件的事项，或登记到单位台账。",
    ),
    "action_over": ("action {action} is done already.", "事项 {action} 此前已完成。"),
    "no_notice": ("there is no such notice in this incident.", "本事件没有这条通知。"),
    "on_its_way": (
        "the notice is still on its way to {person}. Wait what becomes of it, or re-route it to somebody else.",
        "这条通知还在发给 {person} 的途中。请等发送结果，或改发给他人。",
    ),
    "answered_already": (
        "{person} has acknowledged the notice. Re-route it to tell somebody else.",
        "{person} 已确认收到。如需告知他人，请改发。",
    ),
    "not_in_chain": (
        "{person} does not answer for this incident, or has left. Name somebody of its chain, or the operator.",
        "{person} 不是本事件的责任人，或已离岗。请改发给相关机构的人员或系统管理员。",
    ),
    "not_for_them": (
        "it is not meant for whom {person} stands for. Name somebody of a work group or a leadership group.",
        "这条通知不应由 {person} 一方知悉。请改发给工作组或领导小组成员。",
    ),
    "full": (
        "the record of this incident is nearly full; long texts no longer fit. Say it in under 500 characters.",
        "本事件记录已接近上限，无法再存长文。请缩短到 500 字以内。",
    ),
}

SPEAKERS_ZH = {
    "outlet lead": "网点负责人",
    "outlet": "网点",
    "work group": "工作组",
    "leadership group": "领导小组",
    "province work or leadership group": "省级工作组或领导小组",
    "province": "省级机构",
    "hq leadership group": "总部领导小组",
    "insurer": "保险公司责任人",
    "anyone in the chain": "本事件相关机构人员",
    "operator": "系统管理员",
    "systems": "经授权的系统",
    "that party": "到场的一方",
    "the reporting unit": "报告机构",
    "the receiving unit": "接报机构",
    "its recipient": "通知的接收人",
    "its owner": "事项责任人",
    "tocsin itself": "本系统",
}
STAGES_ZH = {
    "open": "处理中",
    "with_insurer": "已转交保险公司",
    "decided": "已有处理决定",
    "relayed": "已反馈客户",
    "resolved": "办结",
    "closed": "关闭",
    "withdrawn": "撤回",
}
FIELDS_ZH = {"policy_numbers": "保单号", "name": "姓名", "phone": "联系电话", "reason": "投诉事由"}


def refusal(rule: str, why: str, *, kind: str, **values: object) -> Refusal:
    """The refusal of a kind of fact under a rule; `why` is a key of `TEXTS`."""
    english, chinese = TEXTS[why]
    given = {name: _words(value) for name, value in values.items()}
    given |= {
        "speakers_zh": _words(values.get("speakers", ()), SPEAKERS_ZH),
        "stage_zh": _words(values.get("stage", ""), STAGES_ZH),
        "missing_zh": _words(values.get("missing", ()), FIELDS_ZH),
        "clock_zh": str(values.get("clock_zh", values.get("clock", ""))),
    }
    return Refusal(
        rule=rule,
        reason=f"{kind} was not accepted ({rule}): {english.format_map(given)}",
        reason_zh=f"{kind} 未被接受（{rule}）：{chinese.format_map(given)}",
    )


def _words(value: object, table: dict[str, str] | None = None) -> str:
    said = [str(part) for part in value] if isinstance(value, tuple | list) else [str(value)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    named = [table.get(part, part) if table else part for part in said]
    return ("、" if table else ", ").join(named)
