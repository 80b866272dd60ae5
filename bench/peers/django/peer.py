"""A Django and Django REST framework server as the former system had it, tuned: no middleware, no
debug, connections kept, one insert a request, bulk inserts for batches. `setup` makes the tables and
prints the tokens; gunicorn serves `peer:application`."""

import os
import sys

import django
from django.conf import settings

ENV = os.environ
DATABASE = (
    {
        "ENGINE": "django.db.backends.mysql",
        "HOST": ENV.get("DB_HOST"),
        "PORT": ENV.get("DB_PORT"),
        "USER": ENV.get("DB_USER"),
        "PASSWORD": ENV.get("DB_PASSWORD"),
        "NAME": ENV.get("DB_DATABASE"),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"charset": "utf8mb4"},
    }
    if ENV.get("DB") == "mysql"
    else {"ENGINE": "django.db.backends.sqlite3", "NAME": ENV.get("FILE"), "CONN_MAX_AGE": None}
)
settings.configure(
    DEBUG=False,
    SECRET_KEY="only-for-this-benchmark",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="peer",
    MIDDLEWARE=[],
    USE_TZ=True,
    DATABASES={"default": DATABASE},
    MEDIA_ROOT=ENV.get("MEDIA", ""),
    DATA_UPLOAD_MAX_MEMORY_SIZE=64 * 1024 * 1024,
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "rest_framework",
        "rest_framework.authtoken",
    ],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": [
            "rest_framework.parsers.JSONParser",
            "rest_framework.parsers.MultiPartParser",
        ],
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402
from rest_framework import serializers, status  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402


class Heartbeat(models.Model):
    id = models.CharField(max_length=36, primary_key=True)
    agent = models.ForeignKey(User, on_delete=models.CASCADE)
    seq = models.BigIntegerField()
    captured_at = models.DateTimeField()
    state = models.CharField(max_length=16)
    body = models.JSONField()

    class Meta:
        app_label = "authtoken"
        db_table = "django_heartbeats"
        unique_together = [("agent", "seq")]


class Screenshot(models.Model):
    agent = models.ForeignKey(User, on_delete=models.CASCADE)
    captured_at = models.DateTimeField()
    file = models.FileField()

    class Meta:
        app_label = "authtoken"
        db_table = "django_screenshots"


class ScreenshotSerializer(serializers.ModelSerializer):
    class Meta:
        model = Screenshot
        fields = ["id", "file"]


class HeartbeatSerializer(serializers.Serializer):
    id = serializers.CharField(max_length=36)
    seq = serializers.IntegerField(min_value=1)
    captured_at = serializers.DateTimeField()
    state = serializers.ChoiceField(["active", "afk", "locked", "paused", "outside_hours"])
    interval_seconds = serializers.FloatField(min_value=0)
    time_zone = serializers.CharField(max_length=64)
    system = serializers.DictField()
    plugins = serializers.ListField()
    spool = serializers.DictField()


def row(user, data, body):
    return Heartbeat(
        id=data["id"],
        agent=user,
        seq=data["seq"],
        captured_at=data["captured_at"],
        state=data["state"],
        body=body,
    )


def seen(user):
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())


class Single(APIView):
    def post(self, request):
        serializer = HeartbeatSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        row(request.user, serializer.validated_data, request.data).save(force_insert=True)
        seen(request.user)
        return Response({"id": serializer.validated_data["id"]}, status=status.HTTP_201_CREATED)


class Batch(APIView):
    def post(self, request):
        events = request.data["observations"]
        serializer = HeartbeatSerializer(data=events, many=True)
        serializer.is_valid(raise_exception=True)
        Heartbeat.objects.bulk_create(
            row(request.user, data, body) for data, body in zip(serializer.validated_data, events)
        )
        seen(request.user)
        return Response({"results": [{"id": event["id"]} for event in events]})


class Upload(APIView):
    def post(self, request):
        serializer = ScreenshotSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save(agent=request.user, captured_at=timezone.now())
        seen(request.user)
        return Response(serializer.data, status=status.HTTP_201_CREATED)


urlpatterns = [
    path("single", Single.as_view()),
    path("batch", Batch.as_view()),
    path("upload", Upload.as_view()),
]
application = get_wsgi_application()


def setup(count):
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("pragma journal_mode = wal")
    with connection.schema_editor() as editor:
        editor.create_model(Heartbeat)
        editor.create_model(Screenshot)
    for index in range(count):
        user = User.objects.create(username=f"agent-{index}")
        print(Token.objects.create(user=user).key)


if __name__ == "__main__":
    setup(int(sys.argv[1]))
