"""The words that demo rows are made of: invented places and combinations of common names, no real people."""

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES: Final = _words(
    "Ada Aiko Alba Amir Anouk Anton Aria Ayo Bea Bram Carla Cem Chidi Clara Dalia Daan Dora Edda Elio Emre Enya "
    "Esra Farah Femi Finn Greta Hana Hugo Ida Idris Ines Ivo Jada Jonas Juno Kai Kavya Kofi Lara Leif Lina Luca "
    "Maja Malik Mara Milo Mira Nadia Nico Nora Olga Omar Otis Paula Petra Priya Quinn Rafa Rhea Rosa Ruben Sami "
    "Sana Selma Silas Sofia Tariq Tessa Theo Uma Vera Viktor Wanda Willa Xenia Yara Yusuf Zora"
)
FAMILY_NAMES: Final = _words(
    "Abara Ackerly Almeida Ashdown Bakkar Barlow Bellamy Birkett Brandt Calloway Castell Chandra Corbin Dalgaard "
    "Demir Dorsey Eastwick Ekholm Fairburn Farrow Fontaine Galloway Garside Granger Haddad Halloran Harwood "
    "Hoshino Ibarra Ingram Jansky Jarrell Kessler Kimura Kowal Lachance Larkin Lindqvist Lomax Madaki Marlowe "
    "Mendez Moreau Nakata Norwood Okafor Orsini Pacheco Pemberton Quist Ramsey Renner Rivers Roswell Sabry "
    "Santoro Selby Sorensen Tanaka Thorne Umar Vance Varga Wexford Whitlock Yamada Yardley Zeller"
)
STREET_NAMES: Final = _words(
    "Alder Anchor Aspen Bayview Beacon Birch Boathouse Bramble Breakwater Cannery Cedar Chandler Chestnut Clover "
    "Cobble Copper Cordage Cove Cypress Dockside Driftwood Elder Fairwind Ferry Fisher Foundry Garden Granary "
    "Gull Harbour Hawthorn Hazel Heron Juniper Keel Kingfisher Lantern Larkspur Laurel Lighthouse Linden Magnolia "
    "Maple Mariner Meadow Mill Mooring Oak Orchard Osprey Pebble Pier Pilot Poplar Quarry Quay Ropewalk Rosemary "
    "Saffron Sailmaker Sandpiper Schooner Seagrass Shipyard Spindrift Sycamore Tern Tidewater Timber Vineyard "
    "Walnut Willow"
)
STREET_KINDS: Final = ("Street", "Lane", "Avenue", "Road", "Court", "Drive", "Place", "Terrace", "Way")
CITIES: Final = (
    *("Port Harbour", "East Harbour", "Millbrook Bay", "Saltmarsh", "Ferry Point"),
    *("Northcliff", "Old Quay", "Linden Hills"),
)
STATE: Final = "WA"
COUNTY: Final = "Harbour"
AREA_CODES: Final = ("206", "217", "312", "415", "503", "617", "720", "804", "919")
COMPANY_NAMES: Final = (
    "Anchor",
    "Bluewater",
    "Cornerstone",
    "Driftline",
    "Eastgate",
    "Fairlight",
    "Graystone",
    "Tideway",
)
COMPANY_KINDS: Final = ("Holdings LLC", "Properties Inc.", "Partners LP", "Realty Group", "Land Company")

PROPERTY_NOTES: Final = (
    *(
        "Roof replaced last spring; papers are in the file.",
        "Owner prefers calls after 17:00.",
        "Key box at side door.",
    ),
    "Water view from the upper floor.\nAsk before bringing visitors: the tenant works nights.",
    *("Survey pending.", "Boiler serviced; next service in twelve months.", "Shared driveway with the neighbour."),
)
OWNER_NOTES: Final = (
    *("Wants a yearly statement by post.", "Speaks Portuguese.", "Open to selling within two years."),
    "Two properties are held jointly with a sister.",
)
LEAD_NOTES: Final = (
    *("Wants to move before the school year.", "Needs a ground floor.", "Has a dog.", "Pre-approved by the bank."),
    "Sells a flat first; the agent is known to us.",
)
TASKS: Final = (
    *("Order photographs", "Collect signed lease", "Check smoke alarms", "Renew insurance", "Call the owner back"),
    *("Prepare open house", "Send the annual statement", "Repair the gutter", "Read the meters", "Update the listing"),
)
COMMENTS: Final = (
    *("Owner agreed to the new price by telephone.", "Can we move the showing to Friday?", "Photos are outdated."),
    *(
        "The tenant asked about a parking space.",
        "Is the survey in yet?",
        "Done, see the file.",
        "I will call tomorrow.",
    ),
)
