"""The demo workspace "Harbour Homes": generated, linked, believable lists and four accounts to try them with."""

from api.demo.accounts import ACCOUNTS, PASSWORD, WORKSPACE_NAME
from api.demo.harbour import PROPERTIES_DEFAULT, PROPERTIES_MAX
from api.demo.workspace import make_demo

__all__ = ["ACCOUNTS", "PASSWORD", "PROPERTIES_DEFAULT", "PROPERTIES_MAX", "WORKSPACE_NAME", "make_demo"]
