"""Django looks for models here; they live in their rooms."""

from issues.catalogue.models import Process, ProcessVersion, Question, Service, Theme
from issues.citizens.models import Citizen, ContactPoint, PersonalDataAccess
from issues.conversations.alerts.models import Alert, AlertLetter
from issues.conversations.models import ContactPreference, Notice, NoticeItem, Subscription
from issues.crew.models import Assignment, Crew, CrewDay, CrewMember, WorkTime
from issues.intake.deferred.models import PendingReport, WantedPicture
from issues.intake.hygiene.models import ContactCheck, DuplicateSuggestion, Finding, HygieneRun
from issues.lifecycle.models import (
    ClockRun,
    Delivery,
    Event,
    Follow,
    Holiday,
    Issue,
    IssueStep,
    Photo,
    Reason,
    Resolution,
)
from issues.lifecycle.ratings.models import Rating, RatingBaseline, RatingMonth
from issues.lifecycle.rerouting.models import RerouteRun
from issues.partners.models import Forwarding, Parcel, Partner, PartnerPosition, PartnerService
from issues.routing.models import Rule, RuleDraft, SimulatedMove, Simulation
from issues.teams.models import ApiKey, Department, Membership, Team, User

__all__ = [
    "Alert",
    "AlertLetter",
    "ApiKey",
    "Assignment",
    "Citizen",
    "ClockRun",
    "ContactCheck",
    "ContactPoint",
    "ContactPreference",
    "Crew",
    "CrewDay",
    "CrewMember",
    "Delivery",
    "Department",
    "DuplicateSuggestion",
    "Event",
    "Finding",
    "Follow",
    "Forwarding",
    "Holiday",
    "HygieneRun",
    "Issue",
    "IssueStep",
    "Membership",
    "Notice",
    "NoticeItem",
    "Parcel",
    "Partner",
    "PartnerPosition",
    "PartnerService",
    "PendingReport",
    "PersonalDataAccess",
    "Photo",
    "Process",
    "ProcessVersion",
    "Question",
    "Rating",
    "RatingBaseline",
    "RatingMonth",
    "Reason",
    "RerouteRun",
    "Resolution",
    "Rule",
    "RuleDraft",
    "Service",
    "SimulatedMove",
    "Simulation",
    "Subscription",
    "Team",
    "Theme",
    "User",
    "WantedPicture",
    "WorkTime",
]
