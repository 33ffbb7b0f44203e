"""Every route of the application: a module for each noun, and the sockets."""

from typing import Final

from api.routes import (
    audit,
    auth,
    columns,
    comments,
    conversions,
    exports,
    health,
    imports,
    keys,
    lists,
    me,
    members,
    metrics,
    records,
    templates,
    ticket,
    workspaces,
)
from api.socket import router as socket_router

ROUTERS: Final = (
    health.router,
    auth.router,
    me.router,
    workspaces.router,
    members.router,
    audit.router,
    lists.router,
    templates.router,
    columns.router,
    conversions.router,
    records.router,
    exports.router,
    imports.router,
    imports.one,
    comments.router,
    ticket.router,
    keys.router,
    metrics.router,
    socket_router,
)
