#!/bin/sh
# Makes both of Temporal's databases and brings their schemas up to the version of this image.
#
# Safe to repeat, and repeated at every `up`: a database that is there is left alone, a version is never set back, and
# an update starts from the version found. It runs to its end before the server starts, which is also the order an
# upgrade needs. The first failure ends it, and the server is not started.
#
# Reads SQL_PLUGIN, SQL_HOST, SQL_PORT, SQL_USER and SQL_PASSWORD, as temporal-sql-tool itself does.
set -eu

: "${SQL_PLUGIN:?is not set}" "${SQL_HOST:?is not set}" "${SQL_PORT:?is not set}"
: "${SQL_USER:?is not set}" "${SQL_PASSWORD:?is not set}"

up_to_date() {
    database=$1
    schema=$2
    echo "$database: create it where it is missing, then update its schema"
    temporal-sql-tool --db "$database" create --defaultdb postgres
    temporal-sql-tool --db "$database" setup-schema -v 0.0
    temporal-sql-tool --db "$database" update-schema --schema-name "postgresql/v12/$schema"
}

up_to_date temporal temporal
up_to_date temporal_visibility visibility
echo "Both schemas are up to date."
