"""The demo workspace "Harbour Homes": generated, linked, believable lists and four accounts to try them with."""

from api.demo.accounts import ACCOUNTS, PASSWORD, WORKSPACE_NAME
from api.demo.workspace import make_demo

__all__ = ["ACCOUNTS", "PASSWORD", "WORKSPACE_NAME", "make_demo"]
