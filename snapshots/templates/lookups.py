"""Lookups of the RESO Data Dictionary 2.0 whose values are closed or usual everywhere, by their standard names."""

from typing import Final

from snapshots.templates.template import Choices, coloured

STANDARD_STATUS: Final[Choices] = (
    ("Active", "green"),
    ("Active Under Contract", "teal"),
    ("Canceled", "rose"),
    ("Closed", "violet"),
    ("Coming Soon", "cyan"),
    ("Delete", "red"),
    ("Expired", "orange"),
    ("Hold", "indigo"),
    ("Incomplete", "lime"),
    ("Pending", "amber"),
    ("Withdrawn", "magenta"),
)
PROPERTY_TYPE: Final = coloured(
    *("Business Opportunity", "Commercial Lease", "Commercial Sale", "Farm", "Land", "Manufactured In Park"),
    *("Residential", "Residential Income", "Residential Lease"),
)
PROPERTY_SUB_TYPE: Final = coloured(
    *("Agriculture", "Apartment", "Boat Slip", "Business", "Cabin", "Condominium", "Co-Ownership", "Deeded Parking"),
    *("Duplex", "Farm", "Hotel/Motel", "Industrial", "Manufactured Home", "Manufactured On Land", "Mixed Use"),
    *("Mobile Home", "Mobile Home Park", "Multi Family", "Office", "Own Your Own", "Quadruplex", "Ranch", "Retail"),
    *("Single Family Residence", "Stock Cooperative", "Tenancy in Common", "Timeshare", "Townhouse", "Triplex"),
    *("Unimproved Land", "Warehouse"),
)
_STATES: Final = (
    "AB AK AL AR AZ BC CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MB MD ME MI MN MO MS MT NB NC ND NE NF NH NJ NM "
    "NS NT NU NV NY OH OK ON OR PA PE QC RI SC SD SK TN TX UT VA VI VT WA WI WV WY YT"
)
STATE_OR_PROVINCE: Final = coloured(*_STATES.split())
VIEW: Final = coloured(
    *("Bay", "Beach", "Bridge(s)", "Canal", "Canyon", "City", "City Lights", "Creek/Stream", "Desert", "Downtown"),
    *("Forest", "Garden", "Golf Course", "Hills", "Lake", "Marina", "Meadow", "Mountain(s)", "Neighborhood", "None"),
    *("Ocean", "Orchard", "Other", "Panoramic", "Park/Greenbelt", "Pasture", "Pond", "Pool", "Ridge", "River"),
    *("Rural", "See Remarks", "Skyline", "Territorial", "Trees/Woods", "Valley", "Vineyard", "Water"),
)
OCCUPANT_TYPE: Final = coloured("Owner", "Tenant", "Vacant")
OWNERSHIP_TYPE: Final = coloured("Corporation", "LLC", "Partnership", "Sole Proprietor")
PREFERRED_PHONE: Final = coloured("Direct", "Home", "Mobile", "Office", "Other", "Toll Free", "Voicemail")
CONTACT_STATUS: Final = coloured("Active", "Deleted", "Inactive", "On Vacation")
CONTACT_TYPE: Final = coloured(
    *("Business", "Buyer", "Buyer Attorney", "Family", "Financial Planner", "Friend", "Home Improvement Specialist"),
    *("Home Inspector", "Home Security Provider", "Home Warranty Representative", "Insurance Representative"),
    *("Landlord", "Lead", "Loan Officer", "Moving/Storage", "Other", "Prospect", "Ready to Buy", "Seller"),
    *("Seller Attorney", "Tenant", "Title Representative"),
)
MEMBER_STATUS: Final = coloured("Active", "Inactive")
UNIT_TYPE: Final = coloured(
    *("1 Bedroom", "2 Bedroom", "3 Bedroom", "4 Bedroom Or More", "Apartments", "Efficiency", "Loft"),
    *("Manager's Unit", "Penthouse", "Studio"),
)
FURNISHED: Final = coloured("Furnished", "Negotiable", "Partially", "Unfurnished")
LEASE_TERM: Final = coloured(
    *("12 Months", "24 Months", "6 Months", "Month To Month", "Negotiable", "None", "Other", "Renewal Option"),
    *("Short Term Lease", "Weekly"),
)
FEE_FREQUENCY: Final = coloured(
    *("Annually", "Bi-Monthly", "Bi-Weekly", "Daily", "Monthly", "One Time", "Quarterly", "Seasonal"),
    *("Semi-Annually", "Semi-Monthly", "Weekly"),
)
RENT_INCLUDES: Final = coloured(
    *("All Utilities", "Cable TV", "Electricity", "Gardener", "Gas", "Internet", "Management", "None", "Other"),
    *("See Remarks", "Sewer", "Trash Collection", "Water"),
)
SHOWING_STATUS: Final = coloured("Cancelled", "Confirmed", "Denied", "Pending")
SHOWING_METHOD: Final = coloured("In-Person", "Other", "Virtual")
SHOWING_TYPE: Final = coloured(
    "Broker Preview", "Broker Price Opinion", "First", "Inspection", "Second", "Walk-through"
)
BUYER_FINANCING: Final = coloured(
    *("Assumed", "Cash", "Contract", "Conventional", "FHA", "FHA 203(b)", "FHA 203(k)", "Other", "Private"),
    *("Seller Financing", "Trust Deed", "USDA", "VA"),
)
