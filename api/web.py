"""The built web client: hashed assets that browsers keep, and one page for every address of the app."""

from pathlib import Path
from typing import Final

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

ASSETS: Final = "assets/"
_KEEP: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
_NOT_BUILT: Final = "The web client is not built. Run `python3 dev.py up`, or `npm run build` in client/.\n"


class WebClient(StaticFiles):
    """Serves the files of the client's build; addresses without a file get its page, those of the API a 404."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)
        self._page = folder / "index.html"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call that no route took."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4404})
            return
        if scope["path"].startswith(("/api/", "/ws/")) or scope["path"] in {"/api", "/ws"}:
            raise HTTPException(404, "There is no such call. /api/openapi.json lists all of them.")
        if not await to_thread.run_sync(self._page.is_file):
            await PlainTextResponse(_NOT_BUILT, status_code=503)(scope, receive, send)
            return
        await super().__call__(scope, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Find the file, or the page that shows every address of the app."""
        try:
            response = await super().get_response(path, scope)
        except HTTPException as missing:
            if missing.status_code != 404 or path.startswith(ASSETS):  # noqa: PLR2004 - an HTTP status
                raise
            response = await super().get_response("index.html", scope)
        response.headers["Cache-Control"] = _KEEP if path.startswith(ASSETS) else _ASK_AGAIN
        return response
