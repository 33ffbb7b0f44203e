"""Owners, Managers and Leads: the people around properties."""

from typing import Final

from snapshots.columns import ColumnType
from snapshots.templates import lookups
from snapshots.templates.properties import DOLLARS
from snapshots.templates.template import Template, TemplateColumn

_CONTACTS: Final = "Contacts"

OWNERS: Final = Template(
    "owners",
    "Owners",
    "Persons, companies and trusts that own properties, and how to reach them.",
    (
        TemplateColumn("FullName", ColumnType.TEXT, "The name as letters are addressed.", _CONTACTS),
        TemplateColumn(
            "OwnershipType",
            ColumnType.SELECT,
            "In which legal form they own; empty for private persons.",
            "Property",
            options=lookups.OWNERSHIP_TYPE,
        ),
        TemplateColumn("Email", ColumnType.EMAIL, "The address that is read.", _CONTACTS),
        TemplateColumn("MobilePhone", ColumnType.PHONE, "The number in the pocket.", _CONTACTS),
        TemplateColumn("HomePhone", ColumnType.PHONE, "The number at home.", _CONTACTS),
        TemplateColumn(
            "PreferredPhone", ColumnType.SELECT, "Which to call first.", _CONTACTS, options=lookups.PREFERRED_PHONE
        ),
        TemplateColumn("HomeAddress1", ColumnType.TEXT, "Street and house number for the post.", _CONTACTS),
        TemplateColumn("HomeCity", ColumnType.TEXT, "Town for the post.", _CONTACTS),
        TemplateColumn(
            "HomeStateOrProvince",
            ColumnType.SELECT,
            "State or province for the post.",
            _CONTACTS,
            options=lookups.STATE_OR_PROVINCE,
        ),
        TemplateColumn("HomePostalCode", ColumnType.TEXT, "ZIP or postal code for the post.", _CONTACTS),
        TemplateColumn("ClientSince", ColumnType.DATE, "When they came to us."),
        TemplateColumn("Newsletter", ColumnType.CHECKBOX, "Whether they want our news."),
        TemplateColumn(
            "ManagementFee", ColumnType.PERCENT, "Which share of the rent is ours.", config={"precision": 1}
        ),
        TemplateColumn("Notes", ColumnType.LONG_TEXT, "What colleagues should know.", _CONTACTS),
    ),
)

_MEMBER: Final = "Member"

MANAGERS: Final = Template(
    "managers",
    "Managers",
    "Who looks after properties, with licence and the colleagues who stand in.",
    (
        TemplateColumn("MemberFullName", ColumnType.TEXT, "First and family name.", _MEMBER),
        TemplateColumn("JobTitle", ColumnType.TEXT, "What they are called on their card.", _MEMBER),
        TemplateColumn(
            "MemberStatus", ColumnType.SELECT, "Whether they are at work.", _MEMBER, options=lookups.MEMBER_STATUS
        ),
        TemplateColumn("MemberEmail", ColumnType.EMAIL, "The address that is read.", _MEMBER),
        TemplateColumn("MemberMobilePhone", ColumnType.PHONE, "The number in the pocket.", _MEMBER),
        TemplateColumn("OfficeName", ColumnType.TEXT, "The office that they belong to.", _MEMBER),
        TemplateColumn("MemberStateLicense", ColumnType.TEXT, "The number of the licence.", _MEMBER),
        TemplateColumn("MemberStateLicenseExpirationDate", ColumnType.DATE, "When the licence ends.", _MEMBER),
        TemplateColumn("Deputies", ColumnType.USERS, "The colleagues who stand in for them."),
        TemplateColumn("ReplyTime", ColumnType.DURATION, "How fast they usually answer.", config={"format": "h:mm"}),
        TemplateColumn("Rating", ColumnType.RATING, "What owners think of them.", config={"max": 5}),
        TemplateColumn("Profile", ColumnType.URL, "Their page on the web."),
    ),
)

LEADS: Final = Template(
    "leads",
    "Leads",
    "People who want to buy, rent, sell or let, from the first word to the signature.",
    (
        TemplateColumn("FullName", ColumnType.TEXT, "First and family name.", _CONTACTS),
        TemplateColumn(
            "Stage",
            ColumnType.SELECT,
            "How far the conversation has come.",
            options=(
                ("New", "cyan"),
                ("Contacted", "blue"),
                ("Viewing", "amber"),
                ("Offer", "violet"),
                ("Won", "green"),
                ("Lost", "rose"),
            ),
        ),
        TemplateColumn(
            "ContactType", ColumnType.MULTI_SELECT, "What they are to us.", _CONTACTS, options=lookups.CONTACT_TYPE
        ),
        TemplateColumn(
            "ContactStatus",
            ColumnType.SELECT,
            "Whether they are still to be written to.",
            _CONTACTS,
            options=lookups.CONTACT_STATUS,
        ),
        TemplateColumn("Email", ColumnType.EMAIL, "The address that is read.", _CONTACTS),
        TemplateColumn("MobilePhone", ColumnType.PHONE, "The number in the pocket.", _CONTACTS),
        TemplateColumn("LeadSource", ColumnType.TEXT, "How they came to us.", _CONTACTS),
        TemplateColumn("ReferredBy", ColumnType.TEXT, "Who sent them.", _CONTACTS),
        TemplateColumn("Budget", ColumnType.CURRENCY, "What they can spend.", config=DOLLARS),
        TemplateColumn(
            "BuyerFinancing",
            ColumnType.MULTI_SELECT,
            "How they would pay.",
            "Property",
            options=lookups.BUYER_FINANCING,
        ),
        TemplateColumn(
            "Properties",
            ColumnType.LINK,
            "What they have asked about.",
            config={"limit": "many"},
            target="properties",
        ),
        TemplateColumn("Agent", ColumnType.USER, "The colleague who talks with them."),
        TemplateColumn("NextContact", ColumnType.DATE, "When to get in touch again."),
        TemplateColumn("Notes", ColumnType.LONG_TEXT, "What colleagues should know.", _CONTACTS),
    ),
)
