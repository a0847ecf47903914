#!/usr/bin/env bats
# How verify-infrastructure.sh tells of what passed, what failed and what could not be checked. The programs that it calls are fakes.

bats_require_minimum_version 1.5.0

setup() {
  tree=$BATS_TEST_TMPDIR/tree
  programs=$BATS_TEST_TMPDIR/programs
  mkdir -p "$tree/tooling/scripts" "$tree/docs" "$tree/docker" "$programs"
  cp "$BATS_TEST_DIRNAME/../../scripts/verify-infrastructure.sh" "$tree/tooling/scripts"
  touch "$tree/docker/docker-compose.yml"
  printf '%s\n' '```sh' 'promtool check config one.yml' 'amtool check-config two.yml' '```' >"$tree/docs/MONITORING.md"
  for program in bash cat dirname grep env; do ln -s "$(command -v "$program")" "$programs"; done
}

# A program that is there, and does as it is told.
program() {
  printf '#!/usr/bin/env bash\n%s\n' "$2" >"$programs/$1"
  chmod +x "$programs/$1"
}

verify() { PATH=$programs run "$tree/tooling/scripts/verify-infrastructure.sh" "$@"; }

@test "verify-infrastructure.sh tells of itself, and refuses what it does not know" {
  verify --help
  [ "$status" -eq 0 ]
  [[ $output == "Usage: tooling/scripts/verify-infrastructure.sh"* ]]
  verify --fix
  [ "$status" -eq 2 ]
  [[ $output == *"got \`--fix\`."* ]]
}

@test "verify-infrastructure.sh fails nothing where it has no tool, and says of each check what it wants" {
  verify
  [ "$status" -eq 0 ]
  [[ $output == *"not checked  Compose: docker/docker-compose.yml: no docker"* ]]
  [[ $output == *"not checked  promtool check config one.yml: no promtool"* ]]
  [[ $output == *"not checked  secrets in the history: gitleaks: no git"* ]]
  [[ $output == *"0 ok, 0 failed. Not checked, for want of a tool:
  Compose: docker/docker-compose.yml"* ]]
}

@test "verify-infrastructure.sh wants an engine only for what an engine checks" {
  program docker '[ "$1" != info ]'
  verify
  [[ $output == *"ok           Compose: docker/docker-compose.yml"* ]]
  [[ $output == *"not checked  Dockerfile: docker build --check: no Docker engine that answers"* ]]
}

@test "verify-infrastructure.sh runs the commands of the documentation" {
  program promtool '[ "$*" = "check config one.yml" ]'
  program amtool '[ "$*" = "check-config two.yml" ]'
  verify
  [ "$status" -eq 0 ]
  [[ $output == *"ok           promtool check config one.yml"* ]]
  [[ $output == *"2 ok, 0 failed."* ]]
}

@test "verify-infrastructure.sh fails where one check does, shows its complaint, and goes on" {
  program promtool 'echo "one.yml: no such field" >&2; exit 1'
  program amtool 'exit 0'
  verify
  [ "$status" -eq 1 ]
  [[ $output == *"failed       promtool check config one.yml
one.yml: no such field
ok           amtool check-config two.yml"* ]]
  [[ $output == *"1 ok, 1 failed."* ]]
}
