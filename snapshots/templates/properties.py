"""Properties and Units: what is owned, listed and let."""

from typing import Final

from persistence.contract import Json
from snapshots.columns import ColumnType
from snapshots.templates import lookups
from snapshots.templates.template import Template, TemplateColumn

WHOLE: Final[dict[str, Json]] = {"precision": 0}
DOLLARS: Final[dict[str, Json]] = {"currency": "USD", "precision": 0}
CENTS: Final[dict[str, Json]] = {"currency": "USD", "precision": 2}

_PROPERTY: Final = "Property"

PROPERTIES: Final = Template(
    "properties",
    "Properties",
    "Houses, land and buildings with status, price, size, owners and manager.",
    (
        TemplateColumn("UnparsedAddress", ColumnType.TEXT, "The street address in one line.", _PROPERTY),
        TemplateColumn(
            "StandardStatus",
            ColumnType.SELECT,
            "Where the listing stands on its way to closing.",
            _PROPERTY,
            options=lookups.STANDARD_STATUS,
        ),
        TemplateColumn(
            "PropertyType",
            ColumnType.SELECT,
            "For what kind of business the property is offered.",
            _PROPERTY,
            options=lookups.PROPERTY_TYPE,
        ),
        TemplateColumn(
            "PropertySubType",
            ColumnType.SELECT,
            "What kind of building or land it is.",
            _PROPERTY,
            options=lookups.PROPERTY_SUB_TYPE,
        ),
        TemplateColumn("ListPrice", ColumnType.CURRENCY, "What is asked for it now.", _PROPERTY, DOLLARS),
        TemplateColumn("BedroomsTotal", ColumnType.NUMBER, "How many bedrooms it has.", _PROPERTY, WHOLE),
        TemplateColumn(
            "BathroomsTotalInteger", ColumnType.NUMBER, "How many bathrooms, half ones counted.", _PROPERTY, WHOLE
        ),
        TemplateColumn("LivingArea", ColumnType.NUMBER, "Finished floor area, in square feet.", _PROPERTY, WHOLE),
        TemplateColumn("Owners", ColumnType.LINK, "Who owns it.", config={"limit": "many"}, target="owners"),
        TemplateColumn("Manager", ColumnType.LINK, "Who looks after it.", config={"limit": "one"}, target="managers"),
        TemplateColumn("City", ColumnType.TEXT, "The town of the address.", _PROPERTY),
        TemplateColumn(
            "StateOrProvince",
            ColumnType.SELECT,
            "State or province by its two letters.",
            _PROPERTY,
            options=lookups.STATE_OR_PROVINCE,
        ),
        TemplateColumn("PostalCode", ColumnType.TEXT, "ZIP or postal code, zeros in front kept.", _PROPERTY),
        TemplateColumn("CountyOrParish", ColumnType.TEXT, "The county whose assessor knows the parcel.", _PROPERTY),
        TemplateColumn("ParcelNumber", ColumnType.TEXT, "The assessor's number of the parcel.", _PROPERTY),
        TemplateColumn("YearBuilt", ColumnType.NUMBER, "The year in which it was finished.", _PROPERTY, WHOLE),
        TemplateColumn("LotSizeAcres", ColumnType.NUMBER, "Size of the land, in acres.", _PROPERTY, {"precision": 2}),
        TemplateColumn("View", ColumnType.MULTI_SELECT, "What can be seen from it.", _PROPERTY, options=lookups.VIEW),
        TemplateColumn("PoolPrivateYN", ColumnType.CHECKBOX, "Whether it has a pool of its own.", _PROPERTY),
        TemplateColumn(
            "OccupantType", ColumnType.SELECT, "Who lives there now.", _PROPERTY, options=lookups.OCCUPANT_TYPE
        ),
        TemplateColumn("ListingId", ColumnType.TEXT, "The number of the listing.", _PROPERTY),
        TemplateColumn("ListingContractDate", ColumnType.DATE, "When the owner signed the listing.", _PROPERTY),
        TemplateColumn("ListAgent", ColumnType.USER, "The colleague who lists it.", _PROPERTY),
        TemplateColumn("CloseDate", ColumnType.DATE, "When the sale or lease was closed.", _PROPERTY),
        TemplateColumn("ClosePrice", ColumnType.CURRENCY, "What was paid in the end.", _PROPERTY, DOLLARS),
        TemplateColumn("TaxAnnualAmount", ColumnType.CURRENCY, "Property tax of a year.", _PROPERTY, CENTS),
        TemplateColumn("ListingURL", ColumnType.URL, "The listing's page on the web.", _PROPERTY),
        TemplateColumn("PrivateRemarks", ColumnType.LONG_TEXT, "What colleagues should know.", _PROPERTY),
    ),
)

_UNIT: Final = "PropertyUnitTypes"

UNITS: Final = Template(
    "units",
    "Units",
    "Apartments, shops and offices within a property, with rent and who is in them.",
    (
        TemplateColumn("UnitNumber", ColumnType.TEXT, "The number on the door.", _PROPERTY),
        TemplateColumn(
            "Property", ColumnType.LINK, "The property that it lies in.", config={"limit": "one"}, target="properties"
        ),
        TemplateColumn("UnitTypeType", ColumnType.SELECT, "What kind of unit it is.", _UNIT, options=lookups.UNIT_TYPE),
        TemplateColumn("UnitTypeBedsTotal", ColumnType.NUMBER, "How many bedrooms it has.", _UNIT, WHOLE),
        TemplateColumn("UnitTypeBathsTotal", ColumnType.NUMBER, "How many bathrooms it has.", _UNIT, WHOLE),
        TemplateColumn("LivingArea", ColumnType.NUMBER, "Finished floor area, in square feet.", _PROPERTY, WHOLE),
        TemplateColumn("UnitTypeActualRent", ColumnType.CURRENCY, "The rent that is paid a month.", _UNIT, CENTS),
        TemplateColumn(
            "UnitTypeProForma", ColumnType.CURRENCY, "The rent a month that it could bring.", _UNIT, DOLLARS
        ),
        TemplateColumn(
            "UnitTypeFurnished", ColumnType.SELECT, "Whether furniture comes with it.", _UNIT, options=lookups.FURNISHED
        ),
        TemplateColumn(
            "OccupantType", ColumnType.SELECT, "Who lives there now.", _PROPERTY, options=lookups.OCCUPANT_TYPE
        ),
        TemplateColumn("AvailabilityDate", ColumnType.DATE, "From when it can be let.", _PROPERTY),
        TemplateColumn("UnitTypeDescription", ColumnType.LONG_TEXT, "What there is to say about it.", _UNIT),
    ),
)
