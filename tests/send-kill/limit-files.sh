#!/bin/sh
# limit-files.sh BLOCKS COMMAND …: runs it where no file may grow beyond so many blocks of 512 octets. Writes beyond
# fail, as on a disk that is full; without the trap the first would end the process.
trap '' XFSZ
ulimit -f "$1"
shift
exec "$@"
