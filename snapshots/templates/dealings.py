"""Leases, Showings and Tasks: what happens around properties."""

from typing import Final

from snapshots.columns import ColumnType
from snapshots.templates import lookups
from snapshots.templates.properties import CENTS
from snapshots.templates.template import Template, TemplateColumn

_PROPERTY: Final = "Property"

LEASES: Final = Template(
    "leases",
    "Leases",
    "Who rents what, from when to when, and for how much.",
    (
        TemplateColumn("LeaseNumber", ColumnType.TEXT, "The number of the contract."),
        TemplateColumn(
            "LeaseStatus",
            ColumnType.SELECT,
            "Where the contract stands.",
            options=(("Draft", "cyan"), ("Active", "green"), ("Ending soon", "amber"), ("Ended", "red")),
        ),
        TemplateColumn("OccupantName", ColumnType.TEXT, "The tenant's name.", _PROPERTY),
        TemplateColumn("OccupantPhone", ColumnType.PHONE, "The tenant's number.", _PROPERTY),
        TemplateColumn("OccupantEmail", ColumnType.EMAIL, "The tenant's e-mail address."),
        TemplateColumn("Unit", ColumnType.LINK, "The unit that is let.", config={"limit": "one"}, target="units"),
        TemplateColumn(
            "Property", ColumnType.LINK, "The property that is let.", config={"limit": "one"}, target="properties"
        ),
        TemplateColumn("LeaseAmount", ColumnType.CURRENCY, "The rent of one period.", _PROPERTY, CENTS),
        TemplateColumn(
            "LeaseAmountFrequency",
            ColumnType.SELECT,
            "How long a period is.",
            _PROPERTY,
            options=lookups.FEE_FREQUENCY,
        ),
        TemplateColumn("SecurityDeposit", ColumnType.CURRENCY, "What lies in deposit.", config=CENTS),
        TemplateColumn(
            "LeaseTerm", ColumnType.SELECT, "For how long it was agreed.", _PROPERTY, options=lookups.LEASE_TERM
        ),
        TemplateColumn("LeaseStart", ColumnType.DATE, "The first day."),
        TemplateColumn("LeaseExpiration", ColumnType.DATE, "The last day.", _PROPERTY),
        TemplateColumn("LeaseRenewalOptionYN", ColumnType.CHECKBOX, "Whether the tenant may prolong it.", _PROPERTY),
        TemplateColumn(
            "RentIncludes",
            ColumnType.MULTI_SELECT,
            "What the rent pays for as well.",
            _PROPERTY,
            options=lookups.RENT_INCLUDES,
        ),
    ),
)

_APPOINTMENT: Final = "ShowingAppointment"

SHOWINGS: Final = Template(
    "showings",
    "Showings",
    "Visits to properties: when, with whom, and what came of them.",
    (
        TemplateColumn("Visitor", ColumnType.TEXT, "Who comes to look."),
        TemplateColumn("Property", ColumnType.LINK, "What is shown.", config={"limit": "one"}, target="properties"),
        TemplateColumn("Lead", ColumnType.LINK, "Which lead it is.", config={"limit": "one"}, target="leads"),
        TemplateColumn("ShowingAppointmentStartTime", ColumnType.DATETIME, "When it begins.", _APPOINTMENT),
        TemplateColumn("ShowingAppointmentEndTime", ColumnType.DATETIME, "When it ends.", _APPOINTMENT),
        TemplateColumn(
            "ShowingAppointmentStatus",
            ColumnType.SELECT,
            "Whether it will take place.",
            _APPOINTMENT,
            options=lookups.SHOWING_STATUS,
        ),
        TemplateColumn(
            "ShowingAppointmentMethod",
            ColumnType.MULTI_SELECT,
            "How they will look at it.",
            _APPOINTMENT,
            options=lookups.SHOWING_METHOD,
        ),
        TemplateColumn(
            "ShowingRequestType",
            ColumnType.MULTI_SELECT,
            "What the visit is for.",
            "ShowingRequest",
            options=lookups.SHOWING_TYPE,
        ),
        TemplateColumn("ShowingAgent", ColumnType.USER, "The colleague who shows it.", "Showing"),
        TemplateColumn("VisitorPhone", ColumnType.PHONE, "The visitor's number."),
        TemplateColumn(
            "Outcome",
            ColumnType.SELECT,
            "What came of it.",
            options=(("Interested", "blue"), ("Offer made", "green"), ("Not interested", "orange"), ("No show", "red")),
        ),
        TemplateColumn("Impression", ColumnType.RATING, "How much they liked it.", config={"max": 5}),
        TemplateColumn("ShowingRequestNotes", ColumnType.LONG_TEXT, "What was asked for.", "ShowingRequest"),
    ),
)

TASKS: Final = Template(
    "tasks",
    "Tasks",
    "What has to be done, by whom and until when.",
    (
        TemplateColumn("Task", ColumnType.TEXT, "What has to be done, in a few words."),
        TemplateColumn(
            "Status",
            ColumnType.SELECT,
            "How far it is.",
            options=(("To do", "indigo"), ("Doing", "amber"), ("Waiting", "rose"), ("Done", "green")),
        ),
        TemplateColumn(
            "Priority",
            ColumnType.SELECT,
            "What comes first.",
            options=(("Low", "teal"), ("Normal", "blue"), ("High", "red")),
        ),
        TemplateColumn("DueDate", ColumnType.DATE, "The last day for it."),
        TemplateColumn("AssignedTo", ColumnType.USERS, "The colleagues who do it."),
        TemplateColumn(
            "Properties", ColumnType.LINK, "What it is about.", config={"limit": "many"}, target="properties"
        ),
        TemplateColumn("Lead", ColumnType.LINK, "Whom it is for.", config={"limit": "one"}, target="leads"),
        TemplateColumn("Progress", ColumnType.PERCENT, "How much of it is done.", config={"precision": 0}),
        TemplateColumn("Details", ColumnType.LONG_TEXT, "All that helps to do it."),
    ),
)
