#!/usr/bin/env python3
"""Every call about clips and statistics that xbox-webapi has, a client of the live services, against the local service.

usage: xbox-webapi-client.py URL TOKEN SCID CLIP-IDS

CLIP-IDS: of the caller's clips, the latest first, with commas; they are published, public and saved.

Nothing of it is changed but the hosts that its requests go to. What it makes of an answer are its own models, in which
every member has to be there and of its type. Prints each call as it has worked; ends with 1 at the first that has not.
"""

import asyncio
import datetime
import sys

import httpx
from xbox.webapi.api.client import XboxLiveClient
from xbox.webapi.authentication.manager import AuthenticationManager
from xbox.webapi.authentication.models import OAuth2TokenResponse, XAUResponse, XSTSResponse

# Of Tests/Conformance/stats.yaml.
PLAYER = "2716903703773872"
HOSTS = {"gameclipsmetadata.xboxlive.com", "userstats.xboxlive.com"}


class LocalService(httpx.AsyncHTTPTransport):
    """Sends what is for the live services to the local one."""

    def __init__(self, url):
        super().__init__()
        self.url = httpx.URL(url)

    async def handle_async_request(self, request):
        if request.url.host not in HOSTS:
            raise httpx.UnsupportedProtocol(f"a request to {request.url.host}")
        request.url = request.url.copy_with(scheme=self.url.scheme, host=self.url.host, port=self.url.port)
        request.headers["Host"] = self.url.netloc.decode()
        return await super().handle_async_request(request)


def signed_in(session, token, xuid):
    """As after a login: tokens of its own forms, the last with the service's."""
    manager = AuthenticationManager(session, "client", "secret", "http://localhost/")
    now = datetime.datetime.now(datetime.timezone.utc)
    facts = {"IssueInstant": now, "NotAfter": now + datetime.timedelta(hours=1), "Token": token,
             "DisplayClaims": {"xui": [{"uhs": "1234", "xid": xuid}]}}
    manager.oauth = OAuth2TokenResponse(
        token_type="bearer", expires_in=3600, scope="", access_token="a", refresh_token="r", user_id="u")
    manager.user_token = XAUResponse(**facts)
    manager.xsts_token = XSTSResponse(**facts)
    return manager


def expect(call, found, expected):
    if found != expected:
        sys.exit(f"{call}: expected {expected}, found {found}")
    print(call, flush=True)


async def main():
    url, token, scid, ids = sys.argv[1:]
    ids = ids.split(",")
    async with httpx.AsyncClient(transport=LocalService(url)) as session:
        client = XboxLiveClient(signed_in(session, token, PLAYER))
        clips, stats = client.gameclips, client.userstats
        first = (await clips.get_recent_own_clips()).game_clips[0]
        xuid, title = str(first.xuid), str(first.title_id)
        lists = {
            "get_recent_own_clips": clips.get_recent_own_clips(),
            "get_recent_own_clips of a title": clips.get_recent_own_clips(title),
            "get_recent_clips_by_xuid": clips.get_recent_clips_by_xuid(xuid),
            "get_recent_clips_by_xuid of a title": clips.get_recent_clips_by_xuid(xuid, title),
            "get_recent_community_clips_by_title_id": clips.get_recent_community_clips_by_title_id(title),
            "get_saved_own_clips": clips.get_saved_own_clips(),
            "get_saved_own_clips of a title": clips.get_saved_own_clips(title),
            "get_saved_clips_by_xuid": clips.get_saved_clips_by_xuid(xuid),
            "get_saved_clips_by_xuid of a title": clips.get_saved_clips_by_xuid(xuid, title),
            "get_saved_community_clips_by_title_id": clips.get_saved_community_clips_by_title_id(title),
        }
        for call, answer in lists.items():
            found = [(each.game_clip_id, each.state, each.scid, str(each.title_id), str(each.xuid), each.saved_by_user)
                     for each in (await answer).game_clips]
            expect(call, found, [(each, "Published", scid, title, xuid, True) for each in ids])
        page = await clips.get_recent_own_clips(skip_items=1, max_items=1)
        expect("get_recent_own_clips, one after the first", [each.game_clip_id for each in page.game_clips], ids[1:2])

        def told(answer, names):
            return sorted((each.name, each.value, each.type, each.xuid, each.scid) for each in answer
                          if each.name in names)

        expected = [("MinutesPlayed", "90", "Integer", PLAYER, scid), ("Wins", "12", "Integer", PLAYER, scid)]
        for call in (stats.get_stats, stats.get_stats_with_metadata):
            answer = await call(PLAYER, scid, ["MinutesPlayed", "Wins"])
            found = [each for item in answer.statlistscollection for each in item.stats]
            expect(call.__name__, told(found, {"MinutesPlayed", "Wins"}), expected)
            found = [each for item in (await call(PLAYER, scid)).statlistscollection for each in item.stats]
            expect(f"{call.__name__}, what it asks for by itself", told(found, {"MinutesPlayed"}), expected[:1])
        for call, key in ((stats.get_stats_batch, title), (stats.get_stats_batch_by_scid, scid)):
            answer = await call([PLAYER], key, ["MinutesPlayed", "Wins"])
            found = [each for item in answer.statlistscollection for each in item.stats]
            expect(call.__name__, told(found, {"MinutesPlayed", "Wins"}), expected)
            expect(f"{call.__name__}, its groups", [group.name for group in answer.groups], ["Hero"])


asyncio.run(main())
