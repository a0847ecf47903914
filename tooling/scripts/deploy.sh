#!/usr/bin/env bash
# Deploys a Compose stack: fetches its images, starts what has changed, waits until all of it is healthy, and where it is not, goes back to the images that
# ran before. Volumes, and what is in them, are never touched.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: tooling/scripts/deploy.sh [--file FILE] [--image IMAGE] [--timeout SECONDS] [--dry-run]

  --file FILE        the Compose file (docker/docker-compose.prod.yml)
  --image IMAGE      the image of lens, which the Compose file takes from LENS_IMAGE; best named by its version or digest
  --timeout SECONDS  how long all of it may take to become healthy (180)
  --dry-run          says what would be done, and does nothing
  --help             says this

Ends with 0 where all is healthy; 1 where it was not, and the images from before run again; 2 where it was refused, and nothing was changed;
3 where it was not healthy, and nothing could be brought back.
TEXT
}

say() { printf '%s\n' "$*"; }
complain() { printf 'deploy: %s\n' "$*" >&2; }
refuse() {
  complain "$*"
  exit 2
}

compose() { docker compose --file "$file" "$@"; }

# Does what changes something, unless nothing is to be changed.
run() {
  if [ "$dry_run" = yes ]; then
    say "would run: $*"
  else
    "$@"
  fi
}

read_arguments() {
  file='' image='' timeout=180 dry_run=no
  while [ $# -gt 0 ]; do
    case $1 in
    --help)
      usage
      exit 0
      ;;
    --dry-run)
      dry_run=yes
      shift
      ;;
    --file | --image | --timeout)
      [ $# -gt 1 ] || refuse "Expected a value after $1, got none."
      case $1 in
      --file) file=$2 ;;
      --image) image=$2 ;;
      --timeout) timeout=$2 ;;
      esac
      [ -n "$2" ] || refuse "Expected a value after $1, got an empty one."
      shift 2
      ;;
    *) refuse "Expected --file, --image, --timeout, --dry-run or --help, got \`$1\`." ;;
    esac
  done
  [[ $timeout =~ ^[1-9][0-9]{0,4}$ ]] || refuse "Expected --timeout to be a whole number of seconds from 1 to 99999, got \`$timeout\`."
  if [ -n "$image" ]; then
    [[ $image =~ ^[a-zA-Z0-9][a-zA-Z0-9._:/@-]*$ ]] || refuse "Expected --image to be the name of an image, got \`$image\`."
    export LENS_IMAGE=$image
  fi
}

check_tools() {
  command -v docker >/dev/null || refuse "Expected the program docker, found none. https://docs.docker.com/engine/install has it."
  docker compose version >/dev/null 2>&1 || refuse "Expected \`docker compose\`, found none. https://docs.docker.com/compose/install has it."
  docker info >/dev/null 2>&1 || refuse "Expected a Docker engine that answers, found none. Does it run, and may this user ask it?"
}

check_stack() {
  local images secret
  [ -f "$file" ] || refuse "Expected a Compose file at $file, found none. --file names another."
  compose config --quiet || refuse "Docker Compose does not understand $file; what it says of it stands above."
  images=$(compose config --images)
  if [ -n "$image" ] && ! grep --quiet --fixed-strings --line-regexp -- "$image" <<<"$images"; then
    refuse "Expected $file to take its image from LENS_IMAGE, but it does not: --image would change nothing."
  fi
  # Only secrets have `file:` at this depth of what Compose prints.
  while read -r secret; do
    [ -f "$secret" ] || refuse "Expected the secret $secret, found no such file. docs/DEPLOYMENT.md says how to make it."
  done < <(compose config | sed -n 's/^    file: //p')
}

# The first container of a service, whether it runs or not; nothing where there is none.
container_of() {
  local ids
  ids=$(compose ps --all --quiet "$1")
  printf '%s\n' "${ids%%$'\n'*}"
}

# Keeps every image that runs by a name of ours, so that no pruning takes it, and writes a line for each: service, image id, that name.
record_before() {
  local services service container id name kept
  # Not to know what runs would be to take it for nothing.
  services=$(compose ps --services --status running) || refuse "Docker Compose could not tell what runs. Nothing was changed."
  for service in $services; do
    container=$(container_of "$service")
    read -r id name kept < <(docker inspect --format '{{.Image}} {{.Config.Image}} {{index .Config.Labels "com.docker.compose.project"}}' "$container")
    kept=$kept-before:$service
    say "before: $service ran $name ($id)"
    run docker tag "$id" "$kept"
    printf '%s %s %s\n' "$service" "$id" "$kept" >>"$before"
  done
}

deploy() {
  # What cannot be fetched is found out before anything is stopped.
  run docker compose --file "$file" pull --quiet --ignore-buildable --policy missing || refuse "An image could not be fetched. Nothing was changed."
  run docker compose --file "$file" up --detach --wait --wait-timeout "$timeout"
}

show_failure() {
  local service
  complain "Not all of it became healthy within $timeout s:"
  compose ps --all --format '{{.Service}} {{.State}} {{.Health}}' >"$work/states"
  while read -r service; do
    complain "the last that $service said:"
    compose logs --no-color --no-log-prefix --tail 20 "$service" >&2
  done < <(awk '$2 != "running" || ($3 != "" && $3 != "healthy") { print $1 }' "$work/states")
}

# Writes a Compose file that gives each service whose image is another now the one from before.
write_rollback() {
  local service id kept container now
  echo "services:" >"$rollback"
  while read -r service id kept; do
    container=$(container_of "$service")
    now=$([ -z "$container" ] || docker inspect --format '{{.Image}}' "$container")
    [ "$now" = "$id" ] || printf '  %s: { image: "%s", pull_policy: never }\n' "$service" "$kept" >>"$rollback"
  done <"$before"
}

roll_back() {
  local services
  if [ ! -s "$before" ]; then
    compose stop
    complain "Nothing ran before, so there is nothing to go back to. What was started is stopped again; its volumes stay."
    exit 3
  fi
  write_rollback
  if [ "$(wc -l <"$rollback")" -lt 2 ]; then
    complain "Every image is the one from before: what makes it ill is its configuration, or the machine. Nothing was brought back."
    exit 3
  fi
  services=$(cut -d ' ' -f 1 "$before")
  complain "Going back to the images from before:"
  tail -n +2 "$rollback" >&2
  # shellcheck disable=SC2086 # One word for each service.
  docker compose --file "$file" --file "$rollback" up --detach --no-build --pull never --wait --wait-timeout "$timeout" $services || {
    complain "The images from before did not become healthy either. \`docker compose --file $file ps\` shows what runs."
    exit 3
  }
  complain "The images from before run again, and are healthy. Nothing of the new one is kept but its image."
  exit 1
}

main() {
  local root
  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
  read_arguments "$@"
  file=${file:-$root/docker/docker-compose.prod.yml}
  check_tools
  check_stack
  work=$(mktemp -d)
  before=$work/before rollback=$work/rollback.yml
  : >"$before"
  trap 'rm -rf "$work"' EXIT
  record_before
  if ! deploy; then
    show_failure
    roll_back
  fi
  [ "$dry_run" = yes ] || say "All of it is healthy."
}

main "$@"
