#!/usr/bin/env bats
# What deploy.sh refuses, and how it goes back. Docker is a fake that notes what it is asked.

bats_require_minimum_version 1.5.0

setup() {
  export FAKE=$BATS_TEST_TMPDIR/fake
  mkdir "$FAKE"
  : >"$FAKE/calls"
  PATH=$BATS_TEST_DIRNAME/fakes:$PATH
  deploy=$BATS_TEST_DIRNAME/../../scripts/deploy.sh
}

# What changes nothing is not counted.
changes() { grep --invert-match --extended-regexp '^(info|inspect .*|compose version|.* (config|ps|logs)( .*)?)$' "$FAKE/calls" || true; }

refuses() {
  run "$deploy" "${@:2}"
  [ "$status" -eq 2 ]
  [[ $output == "deploy: "*"$1"* ]]
  [ -z "$(changes)" ]
}

@test "deploy.sh tells of itself, and does nothing" {
  run "$deploy" --help
  [ "$status" -eq 0 ]
  [[ $output == "Usage: tooling/scripts/deploy.sh"* ]]
  [ ! -s "$FAKE/calls" ]
}

@test "deploy.sh refuses arguments that it does not know, or that name nothing" {
  refuses "got \`--imge\`" --imge lens:2
  refuses "got \`lens:2\`" lens:2
  refuses "Expected a value after --image, got none" --image
  refuses "Expected a value after --file, got an empty one" --file ""
  refuses "whole number of seconds" --timeout soon
  refuses "whole number of seconds" --timeout 0
  refuses "name of an image" --image "lens:2; rm -rf /"
  refuses "name of an image" --image --privileged
}

@test "deploy.sh refuses where there is no Docker, no Compose, no engine" {
  ln -s "$(command -v bash)" "$(command -v dirname)" "$BATS_TEST_TMPDIR"
  PATH=$BATS_TEST_TMPDIR refuses "found none. https://docs.docker.com/engine"
  touch "$FAKE/no-compose"
  refuses "Expected \`docker compose\`"
  rm "$FAKE/no-compose" && touch "$FAKE/no-engine"
  refuses "Expected a Docker engine that answers"
}

@test "deploy.sh refuses a Compose file that is not there, or not understood, or takes no image" {
  refuses "Expected a Compose file at /none.yml" --file /none.yml
  touch "$FAKE/takes-no-image"
  refuses "to take its image from LENS_IMAGE" --image lens:2
  touch "$FAKE/bad-stack"
  run "$deploy"
  [ "$status" -eq 2 ]
  [[ $output == "services.monitor: bad"*"does not understand"* ]]
}

@test "deploy.sh refuses where a secret is missing" {
  echo "$BATS_TEST_TMPDIR/key" >"$FAKE/secret"
  refuses "Expected the secret $BATS_TEST_TMPDIR/key"
}

@test "deploy.sh changes nothing where an image cannot be fetched" {
  echo lens:1 >"$FAKE/runs"
  touch "$FAKE/no-images"
  run "$deploy" --image lens:2
  [ "$status" -eq 2 ]
  [ "$(cat "$FAKE/runs")" = lens:1 ]
}

@test "deploy.sh only says what it would do, when asked to" {
  echo lens:1 >"$FAKE/runs"
  run "$deploy" --image lens:2 --dry-run
  [ "$status" -eq 0 ]
  [[ $output == *"before: monitor ran lens:1 (sha256:lens:1)"* ]]
  [[ $output == *"would run: docker compose --file "*" up --detach --wait --wait-timeout 180"* ]]
  [ -z "$(changes)" ]
}

@test "deploy.sh keeps the image from before, and starts the new one" {
  echo lens:1 >"$FAKE/runs"
  run "$deploy" --image lens:2 --timeout 60
  [ "$status" -eq 0 ]
  [[ $output == *"All of it is healthy."* ]]
  [ "$(cat "$FAKE/runs")" = lens:2 ]
  [ "$(changes | head -n 1)" = "tag sha256:lens:1 lens-before:monitor" ]
}

@test "deploy.sh goes back to the image from before where the new one is ill, and shows what it said last" {
  echo lens:1 >"$FAKE/runs"
  echo lens:2 >"$FAKE/ill"
  run "$deploy" --image lens:2
  [ "$status" -eq 1 ]
  [[ $output == *"the last that monitor said:"*"monitor: no key"*"lens-before:monitor"*"The images from before run again"* ]]
  [ "$(cat "$FAKE/runs")" = lens:1 ]
}

@test "deploy.sh says so where the image from before is ill, too" {
  echo lens:1 >"$FAKE/runs"
  printf 'lens:1\nlens:2\n' >"$FAKE/ill"
  run "$deploy" --image lens:2
  [ "$status" -eq 3 ]
  [[ $output == *"did not become healthy either"* ]]
}

@test "deploy.sh says so where the image is the one from before" {
  echo lens:1 >"$FAKE/runs"
  echo lens:1 >"$FAKE/ill"
  run "$deploy" --image lens:1
  [ "$status" -eq 3 ]
  [[ $output == *"Every image is the one from before"* ]]
}

@test "deploy.sh stops what it started where nothing ran before" {
  echo lens:1 >"$FAKE/ill"
  run "$deploy" --image lens:1
  [ "$status" -eq 3 ]
  [[ $output == *"Nothing ran before"* ]]
  [[ $(changes) == *" stop" ]]
}

@test "deploy.sh never asks for what would take data away" {
  echo lens:1 >"$FAKE/runs"
  echo lens:2 >"$FAKE/ill"
  run "$deploy" --image lens:2
  run "$deploy" --image lens:3
  run ! grep --extended-regexp '(^| )(down|rm|volume|prune|--volumes|-v|--renew-anon-volumes|-V)( |$)' "$FAKE/calls"
}
