#!/bin/sh
# Runs ffmpeg so that it finishes its file and ends when the agent that started it is gone: nobody
# is recorded by a program that nobody watches.
exec setpriv --pdeathsig INT "$WORKSIGHT_FFMPEG" "$@"
