"""Django looks for models here; they live in their rooms."""

from issues.catalogue.models import Question, Service, Theme
from issues.citizens.models import Citizen, ContactPoint, PersonalDataAccess
from issues.lifecycle.models import Delivery, Event, Follow, Holiday, Issue, Photo
from issues.lifecycle.ratings.models import Rating, RatingBaseline, RatingMonth
from issues.routing.models import Rule
from issues.teams.models import Department, Membership, Team, User

__all__ = [
    "Citizen",
    "ContactPoint",
    "Delivery",
    "Department",
    "Event",
    "Follow",
    "Holiday",
    "Issue",
    "Membership",
    "PersonalDataAccess",
    "Photo",
    "Question",
    "Rating",
    "RatingBaseline",
    "RatingMonth",
    "Rule",
    "Service",
    "Team",
    "Theme",
    "User",
]
