"""The field's words for codes, Chinese first and English (stories, section 4). A code keeps its name in `--json`."""

Pair = tuple[str, str]

STAGES: dict[str, Pair] = {
    "open": ("受理中", "open"),
    "with_insurer": ("已转交保险公司", "with the insurer"),
    "decided": ("保险公司已有处理决定", "decided"),
    "relayed": ("已反馈客户", "relayed"),
    "resolved": ("已办结", "resolved"),
    "closed": ("已关闭", "closed"),
    "withdrawn": ("已撤回", "withdrawn"),
}
SEVERITIES: dict[str, Pair] = {"complaint": ("投诉", "complaint"), "crisis": ("危机事件", "crisis")}
CLOCKS: dict[str, Pair] = {
    "outlet_report": ("网点报告上级", "outlet's report"),
    "province_opinion": ("省级处理意见", "province's handling opinion"),
    "regulator_report": ("向监管部门汇报", "regulator informed"),
    "relay": ("逐级上报", "relay upwards"),
    "handover": ("转交保险公司", "hand-over to the insurer"),
    "insurer_answer": ("保险公司答复", "insurer's answer"),
    "decision_relay": ("反馈客户", "relay of the decision"),
    "insurer_on_scene": ("保险公司到场", "insurer on the scene"),
    "work_group_on_scene": ("工作组到场", "work group on the scene"),
    "leadership_on_scene": ("领导小组到场", "leadership group on the scene"),
    "progress": ("续报", "follow-up report"),
}
CLOCK_STATES: dict[str, Pair] = {
    "running": ("进行中", "running"),
    "met": ("按时", "met"),
    "met_late": ("逾期后补报", "met late"),
    "missed": ("逾期未报", "missed"),
    "carried": ("并入群体事件", "carried by the group event"),
    "cancelled": ("已取消", "cancelled"),
}
