"""The one route table: everything that can be asked of the server, and what it takes to ask it."""

from appliance.monitor.host_stats import HostStats
from appliance.monitor.stats import CameraStatsReport, GpuReport, HealthReport
from appliance.store.boxes import WireDetection
from appliance.web import wire
from appliance.web.access import Permission
from appliance.web.alerts import AlertHandlers
from appliance.web.arm import ArmHandlers
from appliance.web.audit import AuditHandlers
from appliance.web.batches import BatchHandlers
from appliance.web.box import BoxHandlers
from appliance.web.cameras import CameraHandlers
from appliance.web.cameras_day import CamerasDayHandlers
from appliance.web.events import EventHandlers
from appliance.web.exports import ExportHandlers
from appliance.web.footage import FootageHandlers
from appliance.web.footpoints import FootpointHandlers
from appliance.web.live import LiveHandlers
from appliance.web.logins import LoginHandlers
from appliance.web.models import ModelHandlers
from appliance.web.page import SCREENS, Page
from appliance.web.ports import Collaborators
from appliance.web.preview import PreviewHandlers
from appliance.web.problems import Handler
from appliance.web.route import Route
from appliance.web.rules import RuleHandlers
from appliance.web.sees import Sees
from appliance.web.setting_changes import SettingChangeHandlers
from appliance.web.settings import WebSettings
from appliance.web.story import StoryHandlers
from appliance.web.system import SystemHandlers
from appliance.web.targets import TargetHandlers
from appliance.web.timeline import TimelineHandlers
from appliance.web.users import UserHandlers
from appliance.web.why import WhyHandlers

API = "/api/v1"
JPEG = "image/jpeg"
MP4 = "video/mp4"
HLS = "application/vnd.apple.mpegurl"


def table(with_: Collaborators, settings: WebSettings, websocket: Handler) -> tuple[Route, ...]:
    """Return every route but that of the OpenAPI document, which is made of them."""
    return (
        *_cameras(CameraHandlers(with_, settings)),
        *_footpoints(FootpointHandlers(with_)),
        *_live(LiveHandlers(with_)),
        *_events(EventHandlers(with_, settings)),
        *_stories(StoryHandlers(with_)),
        *_reasons(WhyHandlers(with_)),
        *_footage(FootageHandlers(with_, settings), TimelineHandlers(with_)),
        *_exports(ExportHandlers(with_, settings)),
        *_batches(BatchHandlers(with_, settings)),
        *_alerts(AlertHandlers(with_, settings)),
        *_rules(RuleHandlers(with_, settings)),
        *_arm(ArmHandlers(with_, settings)),
        *_preview(PreviewHandlers(with_, settings)),
        *_setting_changes(SettingChangeHandlers(with_)),
        *_targets(TargetHandlers(with_, settings)),
        *_system(SystemHandlers(with_, settings), BoxHandlers(with_)),
        *_cameras_day(CamerasDayHandlers(with_)),
        *_models(ModelHandlers(with_, settings)),
        *_logins(LoginHandlers(with_, settings)),
        *_users(UserHandlers(with_, settings)),
        *_audit(AuditHandlers(with_)),
        Route(
            "GET",
            f"{API}/ws",
            websocket,
            Permission.MESSAGES,
            status=101,
            media=None,
            problems=(422, 503),
            sees=Sees.FILTERED,
        ),
        *_page(Page()),
    )


def _cameras(on: CameraHandlers) -> tuple[Route, ...]:
    all_, one = f"{API}/cameras", f"{API}/cameras/{{camera_id}}"
    see, manage = Permission.CAMERAS_VIEW, Permission.CAMERAS_MANAGE
    return (
        Route("GET", all_, on.list, see, wire.Items[wire.Camera], has_cursor=True, sees=Sees.FILTERED),
        Route(
            *("POST", all_, on.add, manage, wire.Camera, wire.NewCamera),
            status=201,
            has_cursor=True,
            problems=(409,),
            sees=Sees.ALL,
        ),
        # Before the one with an id, which no camera may have as well.
        Route("GET", f"{all_}/stats", on.stats, see, CameraStatsReport, sees=Sees.FILTERED),
        Route(
            *("POST", f"{all_}/test", on.test, manage, wire.CameraTrialResult, wire.CameraTrial),
            sees=Sees.ALL,
        ),
        Route(
            *("POST", f"{all_}/find", on.find, manage, wire.CameraSearchResult, wire.CameraSearch),
            sees=Sees.ALL,
        ),
        Route("GET", one, on.read, see, wire.Camera, has_cursor=True, problems=(404,), sees=Sees.CAMERA),
        Route(
            *("PATCH", one, on.change, manage, wire.Camera, wire.CameraChange),
            has_cursor=True,
            problems=(404, 409),
            sees=Sees.CAMERA,
        ),
        Route(
            *("DELETE", one, on.delete, manage),
            status=204,
            media=None,
            has_cursor=True,
            problems=(404, 409),
            sees=Sees.CAMERA,
        ),
        Route(
            *("GET", f"{one}/address", on.read_address, manage, wire.CameraAddress),
            problems=(404,),
            sees=Sees.CAMERA,
        ),
        Route(
            *("GET", f"{one}/frame.jpg", on.frame, see),
            query=wire.FrameQuery,
            media=JPEG,
            problems=(404,),
            sees=Sees.CAMERA,
        ),
    )


def _footpoints(on: FootpointHandlers) -> tuple[Route, ...]:
    path, see = f"{API}/cameras/{{camera_id}}/footpoints", Permission.EVENTS_VIEW
    return (
        Route(
            *("GET", path, on.read, see, wire.Footpoints),
            query=wire.FootpointQuery,
            problems=(404,),
            sees=Sees.CAMERA,
        ),
    )


def _live(on: LiveHandlers) -> tuple[Route, ...]:
    path, see = f"{API}/cameras/{{camera_id}}/live", Permission.CAMERAS_VIEW
    return (
        Route(
            *("GET", path, on.watch, see),
            query=wire.LiveQuery,
            status=101,
            media=None,
            problems=(400, 404, 503),
            sees=Sees.CAMERA,
        ),
    )


def _events(on: EventHandlers) -> tuple[Route, ...]:
    all_, one = f"{API}/events", f"{API}/events/{{event_id}}"
    see, review = Permission.EVENTS_VIEW, Permission.EVENTS_REVIEW
    return (
        Route(
            *("GET", all_, on.list, see, wire.Items[wire.Event]),
            query=wire.EventQuery,
            has_cursor=True,
            sees=Sees.FILTERED,
        ),
        Route(
            *("POST", f"{all_}/review", on.review, review, wire.ReviewedEvents, wire.EventReview),
            has_cursor=True,
            sees=Sees.FILTERED,
        ),
        Route("GET", one, on.read, see, wire.Event, has_cursor=True, problems=(404,), sees=Sees.EVENT),
        Route(
            *("PATCH", one, on.change, review, wire.Event, wire.EventChange),
            has_cursor=True,
            problems=(404,),
            sees=Sees.EVENT,
        ),
        Route(
            *("DELETE", one, on.delete, Permission.EVENTS_DELETE),
            status=204,
            media=None,
            has_cursor=True,
            problems=(404,),
            sees=Sees.EVENT,
        ),
        Route(
            *("GET", f"{one}/detections", on.detections, see, wire.Items[WireDetection]),
            query=wire.DetectionQuery,
            has_cursor=True,
            problems=(404,),
            sees=Sees.EVENT,
        ),
        Route(*("GET", f"{one}/picture", on.picture, see), media=JPEG, problems=(404,), sees=Sees.EVENT),
    )


def _stories(on: StoryHandlers) -> tuple[Route, ...]:
    path, see = f"{API}/events/{{event_id}}/story", Permission.EVENTS_VIEW
    return (Route("GET", path, on.read, see, wire.Story, has_cursor=True, problems=(404,), sees=Sees.EVENT),)


def _reasons(on: WhyHandlers) -> tuple[Route, ...]:
    see, alerts = Permission.EVENTS_VIEW, Permission.ALERTS_VIEW
    event, alert = f"{API}/events/{{event_id}}/why", f"{API}/alerts/{{alert_id}}/why"
    listed, usual = wire.Items[wire.Candidate], f"{API}/cameras/{{camera_id}}/baseline"
    return (
        Route("GET", usual, on.baseline, see, wire.Baseline, problems=(404,), sees=Sees.CAMERA),
        Route(
            *("GET", event, on.event, see, wire.EventWhy),
            also=(alerts,),
            has_cursor=True,
            problems=(404,),
            sees=Sees.EVENT,
        ),
        Route(
            "GET", alert, on.alert, alerts, wire.AlertWhy, has_cursor=True, problems=(404,), sees=Sees.ALERT
        ),
        Route(
            *("GET", f"{API}/candidates", on.candidates, see, listed),
            also=(alerts,),
            query=wire.CandidateQuery,
            has_cursor=True,
            sees=Sees.FILTERED,
        ),
    )


def _footage(on: FootageHandlers, timeline: TimelineHandlers) -> tuple[Route, ...]:
    camera, see, asked = f"{API}/cameras/{{camera_id}}", Permission.FOOTAGE_VIEW, wire.FootageQuery
    return (
        Route(
            *("GET", f"{API}/timeline", timeline.read, see, wire.Timeline),
            also=(Permission.EVENTS_VIEW,),
            query=wire.TimelineQuery,
            has_cursor=True,
            problems=(404,),
            sees=Sees.FILTERED,
        ),
        Route(
            *("GET", f"{camera}/footage", on.timeline, see, wire.Footage),
            query=asked,
            problems=(404,),
            sees=Sees.CAMERA,
        ),
        Route(
            *("POST", f"{camera}/footage/protect", on.protect, Permission.FOOTAGE_MANAGE),
            *(wire.ProtectedFootage, wire.FootageProtection),
            problems=(404,),
            sees=Sees.CAMERA,
        ),
        Route(
            *("GET", f"{camera}/footage.m3u8", on.playlist, see),
            query=asked,
            media=HLS,
            problems=(404,),
            sees=Sees.CAMERA,
        ),
        Route(
            *("GET", f"{camera}/preview.jpg", on.preview, see),
            query=wire.MomentQuery,
            media=JPEG,
            problems=(404, 503),
            sees=Sees.CAMERA,
        ),
        *_played(on),
    )


def _played(on: FootageHandlers) -> tuple[Route, ...]:
    clip, segment = f"{API}/events/{{event_id}}/clip.m3u8", f"{API}/segments/{{segment_id}}"
    see = Permission.FOOTAGE_VIEW
    return (
        Route("GET", clip, on.clip, see, media=HLS, problems=(404,), sees=Sees.EVENT),
        Route("GET", segment, on.segment, see, media=MP4, problems=(404, 416), sees=Sees.SEGMENT),
    )


def _exports(on: ExportHandlers) -> tuple[Route, ...]:
    all_, one, may = f"{API}/exports", f"{API}/exports/{{export_id}}", Permission.FOOTAGE_EXPORT
    return (
        Route("GET", all_, on.list, may, wire.Items[wire.Export], sees=Sees.FILTERED),
        Route(
            "POST",
            all_,
            on.add,
            may,
            wire.Export,
            wire.NewExport,
            status=201,
            problems=(404, 409),
            sees=Sees.FILTERED,
        ),
        Route("GET", one, on.read, may, wire.Export, problems=(404,), sees=Sees.EXPORT),
        Route("DELETE", one, on.delete, may, status=204, media=None, problems=(404,), sees=Sees.EXPORT),
        Route("GET", f"{one}/file", on.file, may, media=MP4, problems=(404, 409, 416), sees=Sees.EXPORT),
    )


def _batches(on: BatchHandlers) -> tuple[Route, ...]:
    all_, one = f"{API}/batches", f"{API}/batches/{{batch_id}}"
    return (
        Route(
            "GET",
            all_,
            on.list,
            Permission.EVENTS_VIEW,
            wire.Items[wire.Batch],
            query=wire.BatchQuery,
            has_cursor=True,
            sees=Sees.FILTERED,
        ),
        Route(
            "GET",
            one,
            on.read,
            Permission.EVENTS_VIEW,
            wire.Batch,
            has_cursor=True,
            problems=(404,),
            sees=Sees.BATCH,
        ),
        Route(
            "PATCH",
            one,
            on.change,
            Permission.EVENTS_REVIEW,
            wire.Batch,
            wire.BatchChange,
            has_cursor=True,
            problems=(404,),
            sees=Sees.BATCH,
        ),
    )


def _alerts(on: AlertHandlers) -> tuple[Route, ...]:
    all_, one = f"{API}/alerts", f"{API}/alerts/{{alert_id}}"
    see, handle = Permission.ALERTS_VIEW, Permission.ALERTS_HANDLE
    return (
        Route(
            "GET",
            all_,
            on.list,
            see,
            wire.Items[wire.Alert],
            query=wire.AlertQuery,
            has_cursor=True,
            sees=Sees.FILTERED,
        ),
        Route(
            *("POST", f"{all_}/acknowledge", on.acknowledge_open, handle),
            wire.HandledAlerts,
            wire.OpenAlerts,
            sees=Sees.FILTERED,
        ),
        Route(
            "POST",
            f"{all_}/dismiss",
            on.dismiss_open,
            handle,
            wire.HandledAlerts,
            wire.OpenAlerts,
            sees=Sees.FILTERED,
        ),
        Route("GET", one, on.read, see, wire.Alert, has_cursor=True, problems=(404,), sees=Sees.ALERT),
        Route(
            "POST",
            f"{one}/acknowledge",
            on.acknowledge,
            handle,
            wire.Alert,
            has_cursor=True,
            problems=(404, 409),
            sees=Sees.ALERT,
        ),
        Route(
            "POST",
            f"{one}/dismiss",
            on.dismiss,
            handle,
            wire.Alert,
            has_cursor=True,
            problems=(404,),
            sees=Sees.ALERT,
        ),
    )


def _rules(on: RuleHandlers) -> tuple[Route, ...]:
    all_, one = f"{API}/rules", f"{API}/rules/{{rule_id}}"
    see, manage = Permission.RULES_VIEW, Permission.RULES_MANAGE
    return (
        Route("GET", all_, on.list, see, wire.Items[wire.Rule], has_cursor=True, sees=Sees.FILTERED),
        Route(
            "POST", all_, on.add, manage, wire.Rule, wire.NewRule, status=201, has_cursor=True, sees=Sees.ALL
        ),
        Route("GET", one, on.read, see, wire.Rule, has_cursor=True, problems=(404,), sees=Sees.FILTERED),
        Route(
            "PATCH",
            one,
            on.change,
            manage,
            wire.Rule,
            wire.RuleChange,
            has_cursor=True,
            problems=(404,),
            sees=Sees.ALL,
        ),
        Route(
            "DELETE",
            one,
            on.delete,
            manage,
            status=204,
            media=None,
            has_cursor=True,
            problems=(404,),
            sees=Sees.ALL,
        ),
    )


def _arm(on: ArmHandlers) -> tuple[Route, ...]:
    path = f"{API}/arm"
    return (
        Route("GET", path, on.read, Permission.ARM_VIEW, wire.Arm, has_cursor=True, sees=Sees.NOTHING),
        Route(
            "PUT",
            path,
            on.change,
            Permission.ARM_SET,
            wire.Arm,
            wire.ArmChange,
            has_cursor=True,
            sees=Sees.NOTHING,
        ),
    )


def _preview(on: PreviewHandlers) -> tuple[Route, ...]:
    return (
        Route(
            "POST",
            f"{API}/preview",
            on.ask,
            Permission.SETTINGS_TRY,
            wire.Preview,
            wire.PreviewQuestion,
            problems=(404, 503),
            also=(Permission.EVENTS_VIEW, Permission.ALERTS_VIEW),
            sees=Sees.ALL,
        ),
    )


def _setting_changes(on: SettingChangeHandlers) -> tuple[Route, ...]:
    all_ = f"{API}/setting_changes"
    see = (Permission.CAMERAS_VIEW, Permission.ARM_VIEW)
    manage = (Permission.CAMERAS_MANAGE, Permission.ARM_SET)
    items = wire.Items[wire.SettingChange]
    return (
        Route(
            "GET",
            all_,
            on.list,
            Permission.RULES_VIEW,
            items,
            query=wire.SettingChangeQuery,
            has_cursor=True,
            also=see,
            sees=Sees.FILTERED,
        ),
        Route(
            "POST",
            f"{all_}/{{change_id}}/undo",
            on.undo,
            Permission.RULES_MANAGE,
            wire.SettingChange,
            has_cursor=True,
            problems=(404, 409),
            also=manage,
            sees=Sees.ALL,
        ),
    )


def _targets(on: TargetHandlers) -> tuple[Route, ...]:
    all_, one = f"{API}/targets", f"{API}/targets/{{target_id}}"
    see, manage = Permission.TARGETS_VIEW, Permission.TARGETS_MANAGE
    change = (manage, wire.Target, wire.TargetChange)
    return (
        Route("GET", all_, on.list, see, wire.Items[wire.Target], has_cursor=True, sees=Sees.ALL),
        Route(
            *("POST", all_, on.add, manage, wire.Target, wire.NewTarget),
            status=201,
            has_cursor=True,
            problems=(409,),
            sees=Sees.ALL,
        ),
        Route("GET", one, on.read, see, wire.Target, has_cursor=True, problems=(404,), sees=Sees.ALL),
        Route("PATCH", one, on.change, *change, has_cursor=True, problems=(404,), sees=Sees.ALL),
        Route(
            "DELETE",
            one,
            on.delete,
            manage,
            status=204,
            media=None,
            has_cursor=True,
            problems=(404,),
            sees=Sees.ALL,
        ),
        Route(
            "POST", f"{one}/test", on.test, manage, wire.TargetTrialResult, problems=(404, 503), sees=Sees.ALL
        ),
        Route(
            *("GET", f"{API}/deliveries", on.deliveries, see, wire.Items[wire.Delivery]),
            query=wire.DeliveryQuery,
            has_cursor=True,
            sees=Sees.FILTERED,
        ),
    )


def _system(on: SystemHandlers, box: BoxHandlers) -> tuple[Route, ...]:
    base, see = f"{API}/system", Permission.SYSTEM_VIEW
    return (
        Route("GET", base, on.system, Permission.CAMERAS_VIEW, wire.System, sees=Sees.FILTERED),
        Route("GET", f"{base}/health", on.health, see, HealthReport, sees=Sees.FILTERED),
        Route("GET", f"{base}/detector", on.detector, see, wire.DetectorStatus, sees=Sees.NOTHING),
        Route("GET", f"{base}/gpu", on.gpu, see, GpuReport, sees=Sees.NOTHING),
        Route("GET", f"{base}/storage", on.storage, see, wire.Storage, sees=Sees.FILTERED),
        Route("GET", f"{base}/host", box.host, see, HostStats, sees=Sees.NOTHING),
        Route("GET", f"{base}/database", box.database, see, wire.Database, problems=(503,), sees=Sees.ALL),
        Route("GET", f"{base}/queues", box.queues, see, wire.Queues, sees=Sees.ALL),
        Route(
            "GET", f"{base}/history", box.history, see, wire.History, query=wire.HistoryQuery, sees=Sees.ALL
        ),
        Route("GET", f"{base}/version", on.version, see, wire.Version, sees=Sees.NOTHING),
        Route("GET", "/healthz", on.alive, Permission.PROBE, wire.Alive, sees=Sees.NOTHING),
        Route("GET", "/readyz", on.ready, Permission.PROBE, wire.Readiness, sees=Sees.FILTERED),
        Route("GET", "/metrics", on.metrics, Permission.METRICS_VIEW, media="text/plain", sees=Sees.FILTERED),
    )


def _cameras_day(on: CamerasDayHandlers) -> tuple[Route, ...]:
    path, also = f"{API}/system/cameras", (Permission.CAMERAS_VIEW, Permission.FOOTAGE_VIEW)
    return (
        Route("GET", path, on.read, Permission.SYSTEM_VIEW, wire.CamerasDay, also=also, sees=Sees.FILTERED),
    )


def _models(on: ModelHandlers) -> tuple[Route, ...]:
    all_, manage = f"{API}/system/models", Permission.SYSTEM_MANAGE
    one = f"{all_}/{{name}}"
    return (
        Route("GET", all_, on.list, Permission.SYSTEM_VIEW, wire.Models, problems=(500,), sees=Sees.NOTHING),
        Route(
            "POST",
            f"{one}/pull",
            on.pull,
            manage,
            wire.Models,
            status=202,
            problems=(403, 404, 409, 500),
            sees=Sees.NOTHING,
        ),
        Route(
            "POST",
            f"{one}/export",
            on.export,
            manage,
            wire.Models,
            wire.NewEngine,
            status=202,
            problems=(404, 409, 500),
            sees=Sees.NOTHING,
        ),
        Route(
            *("DELETE", one, on.remove, manage, wire.Models),
            problems=(404, 409, 500, 503),
            sees=Sees.NOTHING,
        ),
    )


def _logins(on: LoginHandlers) -> tuple[Route, ...]:
    in_ = Permission.LOGIN
    tries = (401, 429)
    return (
        Route("GET", f"{API}/access", on.access, in_, wire.Access, sees=Sees.NOTHING),
        Route(
            *("POST", f"{API}/claim", on.claim, in_, wire.Access, wire.Claim),
            status=201,
            problems=(404, 409, 429),
            sees=Sees.NOTHING,
        ),
        Route(
            "POST",
            f"{API}/login",
            on.login,
            in_,
            wire.Access,
            wire.NewLogin,
            problems=tries,
            sees=Sees.NOTHING,
        ),
        Route(
            "POST",
            f"{API}/logout",
            on.logout,
            in_,
            status=204,
            media=None,
            problems=(415,),
            sees=Sees.NOTHING,
        ),
        Route(
            *("PUT", f"{API}/account/password", on.change_password, Permission.ACCOUNT_OWN),
            body=wire.PasswordChange,
            status=204,
            media=None,
            problems=(409, 429),
            sees=Sees.NOTHING,
        ),
    )


def _users(on: UserHandlers) -> tuple[Route, ...]:
    all_, one, manage = f"{API}/users", f"{API}/users/{{user_id}}", Permission.USERS_MANAGE
    own, mine = Permission.ACCOUNT_OWN, wire.OwnQuery
    sessions, tokens = f"{API}/sessions", f"{API}/tokens"
    return (
        Route("GET", all_, on.list, manage, wire.Items[wire.User], sees=Sees.ALL),
        Route(
            *("POST", all_, on.add, manage, wire.User, wire.NewUser),
            status=201,
            problems=(409,),
            sees=Sees.ALL,
        ),
        Route(
            "PATCH", one, on.change, manage, wire.User, wire.UserChange, problems=(404, 409), sees=Sees.ALL
        ),
        Route("DELETE", one, on.delete, manage, status=204, media=None, problems=(404, 409), sees=Sees.ALL),
        Route("GET", sessions, on.sessions, own, wire.Items[wire.Session], query=mine, sees=Sees.NOTHING),
        Route(
            *("DELETE", f"{sessions}/{{session_id}}", on.end_session, own),
            status=204,
            media=None,
            problems=(404,),
            sees=Sees.NOTHING,
        ),
        Route("GET", tokens, on.tokens, own, wire.Items[wire.Token], query=mine, sees=Sees.FILTERED),
        Route(
            *("POST", tokens, on.add_token, own, wire.MadeToken, wire.NewToken),
            status=201,
            problems=(409,),
            sees=Sees.FILTERED,
        ),
        Route(
            *("DELETE", f"{tokens}/{{token_id}}", on.delete_token, own),
            status=204,
            media=None,
            problems=(404,),
            sees=Sees.NOTHING,
        ),
    )


def _audit(on: AuditHandlers) -> tuple[Route, ...]:
    items, see = wire.Items[wire.AuditEntry], Permission.AUDIT_VIEW
    return (Route("GET", f"{API}/audit", on.list, see, items, query=wire.AuditQuery, sees=Sees.ALL),)


def _page(page: Page) -> tuple[Route, ...]:
    return (
        *(
            Route("GET", path, page.screen, Permission.PAGE, media="text/html", sees=Sees.NOTHING)
            for path in SCREENS
        ),
        *(
            Route("GET", f"/static/{name}", page.file, Permission.PAGE, media=media, sees=Sees.NOTHING)
            for name, media in page.files.items()
        ),
    )
