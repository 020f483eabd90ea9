"""How an examined policy is classed, and what follows from its class (R47-R53).

Four things are asked of a policy: did the policyholder sign every document, was the call-back made, was its content
compliant, can mis-selling be proven. Each is true, false or not known (None).
Readings: "and" in the list of flaws enumerates (A1); a normal file needs compliant content too (A2); problem goes
before flawed, flawed before normal (A3); one document not personally signed makes `signed` false (A5).
Errors: none. Source: the plan, part 4(2), item 6.
"""

from enum import StrEnum
from itertools import product

from plan.facts import PolicyExamined
from plan.values import Kept, blank


class PolicyClass(StrEnum):
    """From best to worst; `undetermined` while what is not known yet could change the class."""

    NORMAL = "normal"
    FLAWED = "flawed"
    PROBLEM = "problem"
    UNDETERMINED = "undetermined"


class Route(StrEnum):
    """What the two distributing sides do for the customer. What comes of it is the insurer's to decide (R20)."""

    EXPLAIN = "explain"
    ASSIST_WITH_INSURER = "assist_with_insurer"
    EX_GRATIA_REQUEST = "ex_gratia_request"


class Classification(Kept):
    """The class, and every class that is still possible, best first; one only when the class is determined."""

    policy_class: PolicyClass
    possible: tuple[PolicyClass, ...]


class Question(StrEnum):
    SIGNED = "signed"
    CALL_BACK_MADE = "call_back_made"
    CALL_BACK_COMPLIANT = "call_back_compliant"
    MIS_SELLING_PROVEN = "mis_selling_proven"


WORSE = {
    Question.SIGNED: False,
    Question.CALL_BACK_MADE: False,
    Question.CALL_BACK_COMPLIANT: False,
    Question.MIS_SELLING_PROVEN: True,
}
"""The answer that can only make the class worse."""


class Statement(Kept):
    """Who answered what. A ruling is the work group's word on which answer holds."""

    question: Question
    by: str
    answer: bool
    ruling: bool = False


class PolicyFile(Kept):
    """One policy: the answers that hold now, and who gave which. `policy_number` is personal data."""

    policy_number: str
    signed: bool | None = None
    call_back_made: bool | None = None
    call_back_compliant: bool | None = None
    mis_selling_proven: bool | None = None
    heard: tuple[Statement, ...] = ()

    def answer(self, question: Question) -> bool | None:
        match question:
            case Question.SIGNED:
                return self.signed
            case Question.CALL_BACK_MADE:
                return self.call_back_made
            case Question.CALL_BACK_COMPLIANT:
                return self.call_back_compliant
            case Question.MIS_SELLING_PROVEN:
                return self.mis_selling_proven

    @property
    def classification(self) -> Classification:
        return classify(self.signed, self.call_back_made, self.call_back_compliant, self.mis_selling_proven)


def classify(
    signed: bool | None,
    call_back_made: bool | None,
    call_back_compliant: bool | None,
    mis_selling_proven: bool | None,
) -> Classification:
    """The class on which all completions of what is not known agree, else undetermined (R47-R50)."""
    answers = (signed, call_back_made, call_back_compliant, mis_selling_proven)
    completions = product(*((False, True) if answer is None else (answer,) for answer in answers))
    reached = {_class_of(*completion) for completion in completions}
    possible = tuple(each for each in PolicyClass if each in reached)
    return Classification(
        policy_class=possible[0] if len(possible) == 1 else PolicyClass.UNDETERMINED, possible=possible
    )


def _class_of(signed: bool, made: bool, compliant: bool, mis_selling: bool) -> PolicyClass:
    """With everything known. What was said in a call that was not made does not matter."""
    called_back = made and compliant
    if mis_selling or (not signed and not called_back):
        return PolicyClass.PROBLEM
    if not signed or not called_back:
        return PolicyClass.FLAWED
    return PolicyClass.NORMAL


def route(classification: Classification, *, special_care: bool) -> Route | None:
    """What to do for the customer (R51-R53); None while classes are possible that ask for different things.

    `special_care`: any of the four kinds of customer of R52.
    """
    routes = {_route_of(each, special_care) for each in classification.possible}
    return routes.pop() if len(routes) == 1 else None


def _route_of(policy_class: PolicyClass, special_care: bool) -> Route:
    if policy_class is not PolicyClass.NORMAL:
        return Route.EX_GRATIA_REQUEST
    return Route.ASSIST_WITH_INSURER if special_care else Route.EXPLAIN


def examined(file: PolicyFile | None, fact: PolicyExamined, *, by_work_group: bool) -> PolicyFile:
    """The file after one more statement: of conflicting answers the worse holds until the work group rules with a note.

    A null says nothing. What the same person said before a ruling does not reopen it when said again; a new voice or a
    new answer does.
    """
    file = file or PolicyFile(policy_number=fact.policy_number)
    ruling = by_work_group and not blank(fact.note)
    said = {
        Question.SIGNED: fact.signed,
        Question.CALL_BACK_MADE: fact.call_back_made,
        Question.CALL_BACK_COMPLIANT: fact.call_back_compliant,
        Question.MIS_SELLING_PROVEN: fact.mis_selling_proven,
    }
    for question, answer in said.items():
        if answer is not None:
            file = _heard(file, Statement(question=question, by=fact.by, answer=answer, ruling=ruling))
    return file


def _heard(file: PolicyFile, statement: Statement) -> PolicyFile:
    if not statement.ruling and any(_same(statement, earlier) for earlier in file.heard):
        return file
    before = file.answer(statement.question)
    agrees = statement.ruling or before in (None, statement.answer)
    holds = statement.answer if agrees else WORSE[statement.question]
    heard = file.heard if statement in file.heard else (*file.heard, statement)
    return file.model_copy(update={statement.question.value: holds, "heard": heard})


def _same(statement: Statement, earlier: Statement) -> bool:
    return (statement.question, statement.by, statement.answer) == (earlier.question, earlier.by, earlier.answer)


def masked(policy_number: str) -> str:
    """What a screen shows of a policy number: its last two characters (R29)."""
    return "***" + (policy_number[-2:] if len(policy_number) > 2 else "")
